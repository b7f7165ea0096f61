/**
 * How much an archive of a product may ask for. The largest products: Sentinel-2 about 1.2 GB packed or not, since
 * JPEG 2000 does not pack any further; Landsat level 1 without compression about 2.5 GB, of which the panchromatic band
 * is 0.5 GB.
 */
import type { ArchiveLimits, MemberLimits } from '../archives/limits.ts';
import { qualityBands } from '../cloudmask/products/landsat-bands.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** A member that matches none of these is text: XML, JSON and MTL pack well, manifests best. */
const text: MemberLimits = { bytes: 50 * MiB, ratio: 100 };

const images: readonly (readonly [RegExp, MemberLimits])[] = [
  // Already packed: more than a little is no JPEG 2000.
  [/\.jp2$/, { bytes: GiB, ratio: 10 }],
  // A clear sky over land is one number: as much as deflate can do at all. Its size is what bounds it.
  [
    new RegExp(`_(?:${Object.values(qualityBands).join('|')})\\.tiff?$`, 'i'),
    { bytes: GiB, ratio: 1032 },
  ],
  // Collection 1 is not compressed: noise packs 2 times, the margin without data 1,000 times. 100 is a scene that is 95 % margin.
  [/\.tiff?$/i, { bytes: GiB, ratio: 100 }],
];

/** Limits of every archive of a product. */
export const productLimits: ArchiveLimits = {
  entries: 2000,
  nameLength: 512,
  totalBytes: 4 * GiB,
  streamRatio: 100,
  member: (path) => images.find(([pattern]) => pattern.test(path))?.[1] ?? text,
};
