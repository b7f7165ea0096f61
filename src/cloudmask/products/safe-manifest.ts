/**
 * `manifest.safe`: the checksums with which the agency packed the product. Some decoders return garbage for a damaged
 * JPEG 2000 file without an error; a checksum that differs is what gives it away.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { listFolder, plainFile, sameName } from './product-files.ts';
import { attribute, children, textOf, XmlDocument } from './xml.ts';

const manifestFile = 'manifest.safe';

/** Names of the manifest → of Node. */
const algorithms: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA3-256': 'sha3-256' };

interface Expected {
  readonly algorithm: string;
  readonly digest: string;
}

/**
 * Compares files of a product with its manifest.
 * @returns a sentence for each file that differs; nothing where there is no manifest or it has no checksum
 */
export async function manifestWarnings(
  folder: string,
  files: readonly string[],
): Promise<string[]> {
  const manifest = sameName(await listFolder(folder), manifestFile);
  if (manifest === undefined) return [];
  const expected = await readChecksums(await plainFile(folder, manifest));
  const warnings = await Promise.all(
    files.map(async (file) => {
      const entry = expected.get(relative(folder, file).toLowerCase());
      if (entry === undefined || (await digestOf(file, entry.algorithm)) === entry.digest)
        return [];
      return [
        `${basename(file)} has another checksum than ${manifestFile} says: it may be damaged.`,
      ];
    }),
  );
  return warnings.flat();
}

async function readChecksums(file: string): Promise<Map<string, Expected>> {
  const document = await XmlDocument.read(file);
  const checksums = new Map<string, Expected>();
  for (const stream of document.all('dataObjectSection', 'dataObject', 'byteStream')) {
    const [location] = children(stream, 'fileLocation');
    const [checksum] = children(stream, 'checksum');
    const href = location && attribute(location, 'href');
    const algorithm = checksum && algorithms[attribute(checksum, 'checksumName') ?? ''];
    if (href === undefined || checksum === undefined || algorithm === undefined) continue;
    // In lower case, as some archives leave names. Compared with paths of our own, never opened.
    checksums.set(join(href).toLowerCase(), { algorithm, digest: textOf(checksum).toLowerCase() });
  }
  return checksums;
}

async function digestOf(file: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
