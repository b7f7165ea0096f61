import { describe, expect, it } from 'vitest';
import { imageDriver } from '../../../../src/sources/stac/image-driver.ts';
import { refusal } from '../../../support/stac-item.ts';

describe('imageDriver', () => {
  it.each([
    ['0000000c6a5020200d0a870a00', 'JP2OpenJPEG'],
    ['49492a0008000000', 'GTiff'],
    ['4d4d002a00000008', 'GTiff'],
    ['49492b0008000000', 'GTiff'],
    ['4d4d002b00080000', 'GTiff'],
  ])('of a file that begins with %s is %s', (hex, driver) => {
    expect(imageDriver(Buffer.from(hex, 'hex'), 'B02')).toBe(driver);
  });

  it.each([
    [
      'a page',
      '<!DOCTYPE html>',
      'B02 is neither JPEG 2000 nor GeoTIFF but a page of text, as storages send that need a login.',
    ],
    [
      'an XML answer',
      '<?xml version="1.0"?>',
      'B02 is neither JPEG 2000 nor GeoTIFF but a page of text, as storages send that need a login.',
    ],
    ['a VRT', '<VRTDataset', 'B02 is neither JPEG 2000 nor GeoTIFF.'],
    ['a picture', '\u0089PNG\r\n', 'B02 is neither JPEG 2000 nor GeoTIFF.'],
    ['nothing', '', 'B02 is neither JPEG 2000 nor GeoTIFF.'],
  ])('refuses %s', (_what, text, message) => {
    expect(refusal(() => imageDriver(Buffer.from(text, 'latin1'), 'B02'))).toEqual([
      'media-type',
      message,
    ]);
  });
});
