import { describe, expect, it } from 'vitest';
import { Overview } from '../../../../src/cloudmask/output/overview.ts';

const scale = { gain: 1 / 10_000, bias: -0.1 };

/** An overview of a scene of one class and one DN, with no data in its first column. */
function overviewOf(width: number, height: number): Overview {
  const overview = new Overview({ width, height }, [scale, scale, scale]);
  const validity = new Uint8Array(width).fill(1);
  validity[0] = 0;
  const classes = new Uint8Array(width).fill(2);
  classes[0] = 255;
  const band = new Uint16Array(width).fill(3000);
  for (let row = 0; row < height; row++) {
    overview.add({ row, validity, classes, colours: [band, band, band] });
  }
  return overview;
}

describe('Overview', () => {
  it.each([
    { width: 120, height: 90, size: [120, 90], factor: 1 },
    { width: 1500, height: 1374, size: [750, 687], factor: 2 },
    { width: 2000, height: 10_980, size: [250, 1373], factor: 8 },
  ])('reduces $width × $height to about an eighth of a tile', ({ width, height, size, factor }) => {
    const overview = overviewOf(width, height);
    expect([overview.width, overview.height, overview.factor]).toEqual([...size, factor]);
  });

  it('has a class in every pixel, also where the last block is cut', () => {
    const overview = overviewOf(2000, 10_980);
    const outside = overview.classes().filter((value) => value === 255);
    // Only the first column could have no data, and it is decided by the centre of its block.
    expect(outside).toHaveLength(0);
    expect(new Set(overview.classes())).toEqual(new Set([2]));
  });

  it('is transparent where there is no data, and as bright as the reflectance elsewhere', () => {
    const pixels = overviewOf(60, 60).trueColour();
    const brightness = Math.round(255 * (0.2 / 0.9) ** (1 / 1.9));
    expect([...pixels.subarray(0, 8)]).toEqual([
      0,
      0,
      0,
      0,
      brightness,
      brightness,
      brightness,
      255,
    ]);
  });
});
