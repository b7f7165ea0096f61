/** What people, editors and archives do to products without meaning harm, and what instruments do: none of it changes a product. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openProduct } from '../../../src/cloudmask/products/open-product.ts';
import type { Product } from '../../../src/cloudmask/products/product.ts';
import { findLocalProduct } from '../../../src/sources/local-product.ts';
import { withFolder } from '../folder.ts';
import { readBytes, rewrite } from '../raster.ts';
import type { KindUnderTest } from './kind-under-test.ts';
import { classesOf, makeMask } from './masks.ts';
import type { Context } from './suite.ts';

interface Habit {
  readonly title: string;
  /** Does something to a product and answers what somebody names now: the folder unless it says otherwise. */
  apply(product: string, kind: KindUnderTest): string | void;
}

/** Paths below a product that match, deepest first. */
function paths(product: string, pattern = /./): string[] {
  const all = readdirSync(product, { recursive: true }).map(String);
  return all.filter((path) => pattern.test(path)).toSorted((a, b) => b.length - a.length);
}

function folders(product: string): string[] {
  const below = paths(product).filter((path) => statSync(join(product, path)).isDirectory());
  return [product, ...below.map((path) => join(product, path))];
}

function rename(product: string, name: string): string {
  const renamed = join(dirname(product), name);
  renameSync(product, renamed);
  return renamed;
}

/** Changes the bytes of all metadata files. */
const editing =
  (edit: (text: string) => string | Buffer): Habit['apply'] =>
  (product, kind) => {
    for (const path of paths(product, kind.metadataFiles)) {
      const file = join(product, path);
      writeFileSync(file, edit(readFileSync(file, 'utf8')));
    }
  };

const bigEndian = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();

const litter = ['.DS_Store', '._MTD_MSIL1C.xml', '._x_MTL.txt', 'Thumbs.db', 'desktop.ini'];

const habits: readonly Habit[] = [
  { title: 'a slash at the end', apply: (product) => `${product}/` },
  { title: 'a folder of another name', apply: (product) => rename(product, 'my scene (1)_COG') },
  {
    title: 'a name without .SAFE',
    apply: (product) => {
      const name = basename(product, '.SAFE');
      return join(dirname(rename(product, `${name}.SAFE`)), name);
    },
  },
  {
    title: 'files of operating systems and viewers beside its own',
    apply: (product, kind) => {
      for (const folder of folders(product)) {
        for (const name of litter) writeFileSync(join(folder, name), 'x');
        mkdirSync(join(folder, '@eaDir'));
      }
      for (const path of paths(product, kind.bandFile)) {
        writeFileSync(join(product, `${path}.aux.xml`), '<PAMDataset/>');
        writeFileSync(join(product, `${path}.ovr`), 'x');
      }
      mkdirSync(join(product, '__MACOSX'));
    },
  },
  {
    title: 'all names in lower case',
    apply: (product) => {
      for (const path of paths(product)) {
        const lower = join(dirname(path), basename(path).toLowerCase());
        if (lower !== path) renameSync(join(product, path), join(product, lower));
      }
    },
  },
  {
    title: 'nothing that is not needed',
    apply: (product, kind) => {
      for (const path of paths(product, kind.optionalFiles)) {
        rmSync(join(product, path), { recursive: true, force: true });
      }
    },
  },
  { title: 'metadata with a byte order mark', apply: editing((text) => `\uFEFF${text}`) },
  { title: 'metadata with CRLF', apply: editing((text) => text.replaceAll(/\r?\n/g, '\r\n')) },
  { title: 'metadata with blank lines before', apply: editing((text) => `\n \r\n${text}`) },
  {
    title: 'metadata in UTF-16, little endian',
    apply: editing((text) => Buffer.from(`\uFEFF${text}`, 'utf16le')),
  },
  { title: 'metadata in UTF-16, big endian', apply: editing(bigEndian) },
];

/** A product without what is about its place: absolute paths and the case of names. */
function essence(product: Product, folder: string): unknown {
  const place = (file: string): string => relative(folder, file).toLowerCase();
  return {
    ...product,
    // A quality band is not needed.
    fill: undefined,
    bands: product.bands.map((band) => ({ ...band, file: place(band.file) })),
  };
}

/** All habits, on a kind's sample. */
export function habitSuite(context: Context): void {
  const { kind } = context;
  describe('is the same product', () => {
    it.each(habits)('with $title', async ({ apply }) => {
      await withFolder(async (parent) => {
        const product = kind.copySample(parent);
        const untouched = essence(await openProduct(product), product);
        const given = apply(product, kind) ?? product;
        const [folder = ''] = readdirSync(parent);
        expect(essence(await openProduct(given), join(parent, folder))).toEqual(untouched);
      });
    });

    it('by each of its metadata files, through the server too', async () => {
      await withFolder(async (parent) => {
        const product = kind.copySample(await realpath(parent));
        const untouched = await openProduct(product);
        const files = paths(product, kind.metadataFiles).filter((path) => !path.includes('/'));
        expect(files.length).toBeGreaterThan(0);
        for (const file of files) {
          expect(await openProduct(join(product, file))).toEqual(untouched);
          const places = { roots: [parent], layouts: [] };
          expect(await findLocalProduct(join(basename(product), file), places)).toEqual({
            kind: 'folder',
            directory: product,
          });
        }
      });
    });

    it('but not by another file of it, which is said', async () => {
      await withFolder(async (parent) => {
        const product = kind.copySample(parent);
        const [band = ''] = paths(product, kind.bandFile);
        await expect(openProduct(join(product, band))).rejects.toThrow(
          `${basename(band)} is a file, but none of a product's metadata; accepted is the folder of`,
        );
      });
    });

    it('but not by the folder around it, which says where the product is', async () => {
      await withFolder(async (parent) => {
        const name = basename(kind.copySample(parent));
        await expect(openProduct(parent)).rejects.toThrow(
          new RegExp(`is not a product .*\\. The folder ${name} in it is one: name that\\.$`),
        );
      });
    });
  });
  pixelSuite(context);
}

/** What instruments and the edge of a swath do to pixels. */
function pixelSuite({ kind, model }: Context): void {
  /** The classes of the sample after a change to its bands, and where it has data now. */
  const masked = (change: (product: Product, folder: string) => void) =>
    withFolder(async (parent) => {
      const folder = kind.copySample(parent);
      change(await openProduct(folder), folder);
      const { files, statistics } = await makeMask(model(), { product: folder }, parent);
      const classes = classesOf(readBytes(join(parent, files.cloud_mask)));
      return { classes, statistics, data: kind.hasData(folder) };
    });
  const isData = (classes: Uint8Array): Uint8Array =>
    classes.map((value) => (value === 255 ? 0 : 1));
  const west = (numbers: Uint16Array, width: number): void => {
    for (const index of numbers.keys()) if (index % width < width / 2) numbers[index] = 0;
  };

  describe('has a mask', () => {
    it('where every pixel of every band is saturated', async () => {
      const { classes, statistics, data } = await masked((product) => {
        for (const { file } of product.bands) rewrite(file, (numbers) => numbers.fill(65_535));
      });
      expect(isData(classes)).toEqual(data);
      const shares = statistics.classes.reduce((sum, { share }) => sum + share, 0);
      expect(shares).toBeCloseTo(1, 4);
    });

    it('where one band has no data on one side', async () => {
      let untouched = new Uint8Array();
      const { classes, data } = await masked((product, folder) => {
        untouched = Uint8Array.from(kind.hasData(folder));
        const band = product.bands.find(({ decidesNoData }) => decidesNoData);
        rewrite(band?.file ?? '', west);
      });
      expect(data).toEqual(untouched);
      expect(isData(classes)).toEqual(data);
    });

    it('but not on the side where no band has data', async () => {
      const { classes, data } = await masked((product) => {
        for (const { file } of product.bands) rewrite(file, west);
      });
      expect(isData(classes)).toEqual(data);
      expect(data.filter((value) => value === 0).length).toBeGreaterThanOrEqual(data.length / 2);
      expect(data.filter((value) => value === 1).length).toBeGreaterThan(0);
    });
  });
}
