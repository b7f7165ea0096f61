import { expect, it } from 'vitest';
import { cloudMaskCost } from '../../../src/processes/cloudmask-cost.ts';

const sentinel2 = 'S2B_MSIL1C_20240305T104819_N0510_R051_T31TCJ_20240305T125347.SAFE';
const landsat = 'LC08_L1TP_193026_20240417_20240423_02_T1';

it.each([
  [512, 484],
  [384, 841],
  [256, 1849],
  [128, 7396],
  [64, 29_584],
])('a Sentinel-2 tile at stride %i has %i windows', (stride, windows) => {
  expect(cloudMaskCost({ product: sentinel2, stride })).toBe(windows);
});

it.each([
  ['a name', landsat],
  ['a path', `/data/landsat/${landsat}/`],
  ['a metadata file', `/data/${landsat}/${landsat}_MTL.txt`],
  ['a key', `s3://usgs-landsat/collection02/${landsat}/`],
  ['an address', `https://example.com/items/${landsat}?token=S2B`],
  ['a link', { href: `https://example.com/${landsat}.tar` }],
  ['a STAC Item', { type: 'Feature', id: landsat }],
])('Landsat is known by %s, and has fewer', (_what, product) => {
  expect(cloudMaskCost({ product, stride: 512 })).toBe(256);
});

it.each([
  ['a folder of another name', '/data/LC08_L1TP/MTD_MSIL1C.xml'],
  ['a STAC Item without a name', { type: 'Feature' }],
])('%s counts as a Sentinel-2 tile', (_what, product) => {
  expect(cloudMaskCost({ product, stride: 512 })).toBe(484);
});
