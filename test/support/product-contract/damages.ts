/** Damage that any kind of product may suffer, done to its sample: refused with the file's name, nothing left behind. */
import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it } from 'vitest';
import { withFolder } from '../folder.ts';
import { endingOf } from './broken.ts';
import { refused } from './kind-under-test.ts';
import type { Context } from './suite.ts';

interface Damage {
  readonly title: string;
  /** To a band, or to all of the product's metadata at the top of its folder. */
  readonly of: 'band' | 'metadata';
  apply(file: string): void;
  /** What the message says behind the file's name. */
  readonly says: RegExp;
}

/** A file outside the product in the place of one inside. */
function linkAway(file: string): void {
  const outside = join(dirname(file), '..', `outside-${basename(file)}`);
  renameSync(file, outside);
  symlinkSync(outside, file);
}

function halve(file: string): void {
  truncateSync(file, Math.floor(readFileSync(file).length / 2));
}

const vrt = '<VRTDataset rasterXSize="60" rasterYSize="60"></VRTDataset>';

const damages: readonly Damage[] = [
  { title: 'a missing band', of: 'band', apply: (file) => rmSync(file), says: /missing/ },
  {
    title: 'an empty band',
    of: 'band',
    apply: (file) => writeFileSync(file, ''),
    says: /is empty/,
  },
  { title: 'a band that is cut off', of: 'band', apply: halve, says: /cannot be decoded/ },
  { title: 'a band that is a link', of: 'band', apply: linkAway, says: /is a symbolic link/ },
  {
    title: 'a band of another format',
    of: 'band',
    apply: (file) => writeFileSync(file, vrt),
    says: /cannot be opened as/,
  },
  {
    title: 'empty metadata',
    of: 'metadata',
    apply: (file) => writeFileSync(file, ''),
    says: /is empty/,
  },
  {
    title: 'metadata that are cut off',
    of: 'metadata',
    apply: halve,
    says: /(cut off|not well-formed|no KEY)/,
  },
  { title: 'metadata that are links', of: 'metadata', apply: linkAway, says: /is a symbolic link/ },
  {
    title: 'metadata that are pictures',
    of: 'metadata',
    apply: (file) => writeFileSync(file, Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0])),
    says: /\S/,
  },
];

/** All damages, done to a kind's sample. */
export function damageSuite(context: Context): void {
  const { kind } = context;
  describe('damage is refused with the name of the file', () => {
    it.each(damages)('$title', async ({ of, apply, says }) => {
      await withFolder(async (parent) => {
        const product = kind.copySample(parent);
        const files = readdirSync(product, { recursive: true })
          .map(String)
          .filter((name) => (of === 'band' ? kind.bandFile : kind.metadataFile).test(name))
          .toSorted();
        for (const file of files) apply(join(product, file));
        const name = (files.at(-1) ?? 'no such file').replace(/^.*\//, '');
        // Of several forms of the metadata the text is looked at first, and is the last by its name but for XML.
        const stem = name.replace(/\.\w+$/, '').replaceAll('.', '\\.');
        const message = new RegExp(`${stem}\\.\\w+.*${says.source}`);
        await endingOf(context, product, refused(message));
      });
    });

    it('no metadata at all', async () => {
      await withFolder(async (parent) => {
        const product = kind.copySample(parent);
        for (const name of readdirSync(product)) {
          if (kind.metadataFile.test(name)) rmSync(join(product, name));
        }
        await endingOf(context, product, refused(/metadata.*(MTD_MSI|_MTL\.txt)/));
      });
    });
  });
}
