/** Packs a folder as it is, symbolic links included, as an archive of a hostile user. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tarOf } from './tar-writer.ts';
import { zipOf } from './zip-writer.ts';

interface Entry {
  readonly name: string;
  readonly data: Buffer;
  /** Where it leads, for a link. */
  readonly linkName?: string;
}

function entriesOf(folder: string): Entry[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = `${basename(folder)}${path.slice(folder.length)}`;
      if (!entry.isSymbolicLink()) return { name, data: readFileSync(path) };
      return { name, data: Buffer.alloc(0), linkName: readlinkSync(path) };
    });
}

export function zippedFolder(folder: string): Buffer {
  return zipOf(
    entriesOf(folder).map(({ name, data, linkName }) =>
      linkName === undefined
        ? { name, data, isDeflated: true }
        : { name, data: Buffer.from(linkName), mode: 0o120777 },
    ),
  );
}

export function tarredFolder(folder: string): Buffer {
  return tarOf(
    entriesOf(folder).map(({ name, data, linkName }) =>
      linkName === undefined ? { name, data } : { name, data, linkName, type: '2' },
    ),
  );
}
