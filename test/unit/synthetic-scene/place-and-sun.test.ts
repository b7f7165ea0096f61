import { describe, expect, it } from 'vitest';
import { sunPosition } from '../../../scripts/synthetic-scene/sun.ts';
import { tilePosition } from '../../../scripts/synthetic-scene/tile.ts';

describe('tilePosition', () => {
  it.each([
    ['32TPS', 32632, 600_000, 5_200_020],
    ['19UDP', 32619, 399_960, 5_400_000],
    ['31TCJ', 32631, 300_000, 4_900_020],
    ['54HVE', 32754, 399_960, 6_000_000],
  ])('%s lies in EPSG:%d at %d, %d', (name, epsg, left, top) => {
    expect(tilePosition(name)).toMatchObject({ epsg, left, top });
  });

  it.each(['T32TPS', '32TPI', '00TPS', '61TPS', '32TSS'])('refuses %s', (name) => {
    expect(() => tilePosition(name)).toThrow(RangeError);
  });
});

describe('sunPosition', () => {
  it('agrees with an almanac to half a degree', () => {
    // Near noon of the June solstice on the Tropic of Cancer the sun stands overhead.
    const overhead = sunPosition(new Date('2024-06-20T12:02:00Z'), 0, 23.44);
    expect(overhead.zenith).toBeLessThan(0.5);
    // In the evening of an equinox it sets in the west.
    const evening = sunPosition(new Date('2024-03-20T18:07:30Z'), 0, 45);
    expect(evening.zenith).toBeCloseTo(90, -0.3);
    expect(evening.azimuth).toBeCloseTo(270, -0.3);
  });

  it('is nearer in January than in July', () => {
    const january = sunPosition(new Date('2024-01-03T12:00:00Z'), 0, 0).distanceFactor;
    const july = sunPosition(new Date('2024-07-05T12:00:00Z'), 0, 0).distanceFactor;
    expect(january).toBeCloseTo(1.0334, 3);
    expect(july).toBeCloseTo(0.967, 3);
  });
});
