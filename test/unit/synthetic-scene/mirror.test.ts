import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mirrored } from '../../../scripts/synthetic-scene/mirror.ts';
import { writeSyntheticScene } from '../../../scripts/synthetic-scene/scene.ts';
import { readBand } from './read-scene.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mirrored-scene-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('mirrored', () => {
  it('lays a field side by side, neighbours as mirror images', () => {
    const field = Uint16Array.of(1, 2, 3, 4, 5, 6);
    const line1 = [1, 2, 3, 3, 2, 1, 1, 2, 3];
    const line2 = [4, 5, 6, 6, 5, 4, 4, 5, 6];
    const expected = [line1, line2, line2, line1, line1, line2].flat();
    expect([...mirrored(field, { rows: 2, columns: 3 }, 3)]).toEqual(expected);
  });

  it('is the field itself for one copy', () => {
    const field = Uint8Array.of(1, 2);
    expect(mirrored(field, { rows: 1, columns: 2 }, 1)).toBe(field);
  });
});

describe('a repeated synthetic scene', () => {
  it('has the copies in all its bands and in its truth', async () => {
    const one = await writeSyntheticScene(path.join(folder, 'one'), { size: 60 });
    const four = await writeSyntheticScene(path.join(folder, 'four'), { size: 60, repeat: 2 });
    expect([four.rows, four.columns]).toEqual([120, 120]);
    const size = { rows: one.rows, columns: one.columns };
    expect(four.truth).toEqual(mirrored(one.truth, size, 2));
    for (const band of ['B01', 'B02', 'B8A']) {
      const [small, large] = [readBand(one, band), readBand(four, band)];
      expect([large.rows, large.columns]).toEqual([2 * small.rows, 2 * small.columns]);
      // GDAL adds a property of its own to the arrays it reads into.
      expect([...large.numbers]).toEqual([...mirrored(small.numbers, small, 2)]);
    }
  });

  it('refuses more copies than fit a tile, and parts of copies', async () => {
    const write = (repeat: number) => writeSyntheticScene(folder, { size: 1098, repeat });
    await expect(write(11)).rejects.toThrow('not 12078');
    await expect(write(1.5)).rejects.toThrow('whole number');
  });
});
