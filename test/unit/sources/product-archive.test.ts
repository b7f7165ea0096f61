import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { RandomAccess } from '../../../src/archives/random-access.ts';
import { Cancelled, TransferFailed } from '../../../src/errors.ts';
import {
  unpackProductFile,
  unpackProductTar,
  unpackProductZip,
} from '../../../src/sources/product-archive.ts';
import { withFolder } from '../../support/folder.ts';
import { noise, safeName, sentinel2Files } from '../../support/small-product.ts';
import { tarOf } from '../../support/tar-writer.ts';
import { digestOf, filesBelow } from '../../support/unpacked.ts';
import { zipOf } from '../../support/zip-writer.ts';

const files = sentinel2Files();
const others = [1, 2, 3].map((seed) => ({
  name: `${safeName}/HTML/${seed}`,
  data: noise(200_000, seed),
}));
const expected = Object.fromEntries(
  files.map(({ name, data }) => [name.slice(safeName.length + 1), digestOf(data)]),
);
const archive = zipOf([
  others[0]!,
  ...files.slice(0, 5),
  others[1]!,
  ...files.slice(5),
  others[2]!,
]);
const signal = new AbortController().signal;

/** Bytes as a server gives them: parts of them, and how much was asked for. */
class Ranges implements RandomAccess {
  readonly size: number;
  requests = 0;
  bytes = 0;
  open = 0;
  readonly #content: Buffer;
  /** Throws what a part should end with. */
  readonly #fault: (from: number, length: number) => void;
  constructor(content: Buffer, fault: (from: number, length: number) => void = () => undefined) {
    this.#content = content;
    this.#fault = fault;
    this.size = content.length;
  }
  async read(from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#fault(from, length);
    this.requests++;
    this.bytes += length;
    return Uint8Array.from(this.#content.subarray(from, from + length));
  }
  async *stream(from: number, to: number): AsyncGenerator<Uint8Array> {
    this.requests++;
    this.open++;
    try {
      for (let at = from; at < to; at += 100) {
        this.#fault(at, 100);
        const piece = this.#content.subarray(at, Math.min(to, at + 100));
        this.bytes += piece.length;
        yield piece;
      }
    } finally {
      this.open--;
    }
  }
}

const inPieces = async function* (content: Buffer, size = 100): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
};

describe('unpackProductZip', () => {
  it('asks for the directory and the needed files only, each at once', async () => {
    await withFolder(async (directory) => {
      const source = new Ranges(archive);
      const task = { name: 'x.zip', directory, signal };
      expect(await unpackProductZip(source, task)).toBe('sentinel2-l1c');
      expect(await filesBelow(directory)).toEqual(expected);
      expect({ requests: source.requests, open: source.open }).toEqual({
        requests: 1 + files.length,
        open: 0,
      });
      // The last file is followed by much that nobody needs, which a reading in parts of 100 bytes does not touch.
      expect(source.bytes).toBeLessThan(120_000);
    });
  });

  it('leaves faults of the source what they are, and nothing behind', async () => {
    const failed = new TransferFailed('The download of x.zip failed (server error).');
    for (const place of [200_300, 404_000, archive.length - 100]) {
      await withFolder(async (directory) => {
        const source = new Ranges(archive, (from, length) => {
          if (from <= place && place < from + length) throw failed;
        });
        const task = { name: 'x.zip', directory, signal };
        await expect(unpackProductZip(source, task)).rejects.toBe(failed);
        expect({ left: await readdir(directory), open: source.open }).toEqual({
          left: [],
          open: 0,
        });
      });
    }
  });
});

describe('unpackProductTar', () => {
  it.each([1, 511, 512, 5000])('reads a stream in pieces of %i bytes', async (size) => {
    const tar = tarOf(files);
    for (const bytes of [tar, gzipSync(tar)]) {
      await withFolder(async (directory) => {
        const task = { name: 'x.tar', directory, signal };
        expect(await unpackProductTar(inPieces(bytes, size), task)).toBe('sentinel2-l1c');
        expect(await filesBelow(directory)).toEqual(expected);
      });
    }
  });

  it('leaves faults of the source what they are, and lets it go', async () => {
    const failed = new TransferFailed('The download of x.tar failed (cut off).');
    const tar = tarOf(files);
    for (const bytes of [tar, gzipSync(tar)]) {
      const source = { isOpen: true };
      const broken = async function* () {
        try {
          yield* inPieces(bytes.subarray(0, 4000));
          throw failed;
        } finally {
          source.isOpen = false;
        }
      };
      await withFolder(async (directory) => {
        const task = { name: 'x.tar', directory, signal };
        await expect(unpackProductTar(broken(), task)).rejects.toBe(failed);
        expect({ left: await readdir(directory), ...source }).toEqual({ left: [], isOpen: false });
      });
    }
  });

  it('lets the source go at the end of the archive and when it refuses', async () => {
    const endless = async function* (head: Buffer, seen: { isOpen: boolean }) {
      try {
        yield head;
        for (;;) yield Buffer.alloc(512, 'x');
      } finally {
        seen.isOpen = false;
      }
    };
    for (const [head, isGood] of [
      [tarOf(files), true],
      [tarOf(files).subarray(0, -1024), false],
    ] as const) {
      const seen = { isOpen: true };
      await withFolder(async (directory) => {
        const task = { name: 'x.tar', directory, signal };
        const kind = await unpackProductTar(endless(head, seen), task).catch(() => 'refused');
        expect({ kind, ...seen }).toEqual({
          kind: isGood ? 'sentinel2-l1c' : 'refused',
          isOpen: false,
        });
      });
    }
  });
});

describe('unpackProductFile', () => {
  const forms = { zip: archive, tar: tarOf(files), 'tar.gz': gzipSync(tarOf(files)) };
  it.each(Object.entries(forms))(
    'keeps what it writes of a %s to the owner, and tells of it',
    async (_form, bytes) => {
      await withFolder(async (folder) => {
        const file = join(folder, 'archive');
        const directory = join(folder, 'product');
        await writeFile(file, bytes);
        await mkdir(directory);
        let told = 0;
        const onBytes = (count: number): void => {
          told += count;
        };
        await unpackProductFile(file, { name: 'x', directory, signal, onBytes });
        expect(told).toBe(files.reduce((sum, { data }) => sum + data.length, 0));
        const modes = new Set<string>();
        for (const entry of await readdir(directory, { recursive: true })) {
          const found = await stat(join(directory, entry));
          modes.add(
            `${found.isDirectory() ? 'folder' : 'file'} ${(found.mode & 0o777).toString(8)}`,
          );
        }
        expect([...modes].toSorted()).toEqual(['file 600', 'folder 700']);
      });
    },
  );

  it.each(Object.entries(forms))(
    'stops on request within a %s, and leaves nothing',
    async (_form, bytes) => {
      await withFolder(async (folder) => {
        const file = join(folder, 'archive');
        const directory = join(folder, 'product');
        await writeFile(file, bytes);
        await mkdir(directory);
        const stop = new AbortController();
        const task = { name: 'x', directory, signal: stop.signal, onBytes: () => stop.abort() };
        await expect(unpackProductFile(file, task)).rejects.toBeInstanceOf(Cancelled);
        expect(await readdir(directory)).toEqual([]);
      });
    },
  );

  it('writes over nothing and follows no link', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'archive');
      const directory = join(folder, 'product');
      await writeFile(file, archive);
      await mkdir(directory);
      const task = { name: 'x', directory, signal };
      await writeFile(join(directory, 'MTD_MSIL1C.xml'), 'mine');
      await expect(unpackProductFile(file, task)).rejects.toMatchObject({ code: 'EEXIST' });
      expect(await filesBelow(directory)).toEqual({
        'MTD_MSIL1C.xml': digestOf(Buffer.from('mine')),
      });
      await symlink(file, join(folder, 'link'));
      await expect(unpackProductFile(join(folder, 'link'), task)).rejects.toMatchObject({
        code: 'ELOOP',
      });
    });
  });
});
