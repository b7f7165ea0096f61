/** Which driver reads a band file that was fetched: its first bytes decide, whatever name or media type said. */
import type { Product } from '../../cloudmask/products/product.ts';
import { ItemRefused } from './item-refused.ts';

/** Bytes that `imageDriver` looks at. */
export const imageHeadBytes = 12;

const signatures: readonly (readonly [driver: Product['driver'], hex: string])[] = [
  ['JP2OpenJPEG', '0000000c6a5020200d0a870a'],
  // TIFF and BigTIFF in either byte order.
  ['GTiff', '49492a00'],
  ['GTiff', '4d4d002a'],
  ['GTiff', '49492b00'],
  ['GTiff', '4d4d002b'],
];

/**
 * The driver for a file that begins with these bytes.
 * @param what the file, for messages: `B02`
 * @throws ItemRefused when it is neither JPEG 2000 nor TIFF, for example the page of a login
 */
export function imageDriver(head: Uint8Array, what: string): Product['driver'] {
  const hex = Buffer.from(head.subarray(0, imageHeadBytes)).toString('hex');
  const found = signatures.find(([, signature]) => hex.startsWith(signature));
  if (found !== undefined) return found[0];
  const isPage = /^\s*<(!doctype|html|\?xml)/i.test(Buffer.from(head).toString('latin1'));
  throw new ItemRefused(
    'media-type',
    `${what} is neither JPEG 2000 nor GeoTIFF${isPage ? ' but a page of text, as storages send that need a login' : ''}.`,
  );
}
