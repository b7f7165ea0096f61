/** Damaged archives by the thousand: each unpacks to the very same files, or is refused in words and leaves nothing. */
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { random } from '../../support/random.ts';
import { landsatFiles, sentinel2Files } from '../../support/small-product.ts';
import { tarOf } from '../../support/tar-writer.ts';
import { unpackBytes } from '../../support/unpacked.ts';
import { zipOf } from '../../support/zip-writer.ts';

type Draw = () => number;
const below = (draw: Draw, limit: number): number => Math.floor(draw() * limit);

/** Places where a reader looks: drawn more often than others. */
type Places = readonly number[];

/** Changes a byte; with this chance one of the places. */
function flip(source: Buffer, draw: Draw, places: Places, chance = 0.7): Buffer {
  const bytes = Buffer.from(source);
  const isDrawn = draw() < chance && places.length > 0;
  const at = isDrawn ? places[below(draw, places.length)]! : below(draw, bytes.length);
  const value = [0, 0xff, below(draw, 256), (bytes[at] ?? 0) ^ (1 << below(draw, 8))];
  bytes[at] = value[below(draw, 4)]!;
  return bytes;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, offset) => from + offset);
}

/** Cuts off, leaves out, repeats or moves a piece, or changes single bytes. */
function mutated(source: Buffer, draw: Draw, places: Places): Buffer {
  const from = below(draw, source.length);
  const to = Math.min(source.length, from + 1 + below(draw, 1024));
  const piece = source.subarray(from, to);
  switch (below(draw, 8)) {
    case 0:
      return source.subarray(0, from);
    case 1:
      return Buffer.concat([source.subarray(0, from), source.subarray(to)]);
    case 2:
      return Buffer.concat([source.subarray(0, to), piece, source.subarray(to)]);
    case 3:
      return Buffer.concat([
        source.subarray(0, from),
        Buffer.alloc(to - from),
        source.subarray(to),
      ]);
    default: {
      let bytes = source;
      for (let count = 1 + below(draw, 3); count > 0; count--) bytes = flip(bytes, draw, places);
      return bytes;
    }
  }
}

/** @returns how many mutants came out as what */
async function tally(
  source: Buffer,
  rounds: number,
  mutate: () => Buffer,
): Promise<Record<'same' | 'refused' | 'other', number>> {
  const whole = await unpackBytes(source);
  if ('refusal' in whole) throw new Error(whole.refusal);
  const counts = { same: 0, refused: 0, other: 0 };
  for (let round = 0; round < rounds; round++) {
    const result = await unpackBytes(mutate());
    if ('refusal' in result) counts.refused++;
    else if (isDeepStrictEqual(result, whole)) counts.same++;
    else counts.other++;
  }
  return counts;
}

/** All places from each mark on. */
function placesAt(source: Buffer, marks: readonly string[], length: number): number[] {
  const places: number[] = [];
  for (const mark of marks) {
    let at = source.indexOf(mark, 0, 'latin1');
    while (at >= 0) {
      places.push(...range(at, Math.min(at + length, source.length)));
      at = source.indexOf(mark, at + 1, 'latin1');
    }
  }
  return places;
}

describe('damaged archives', () => {
  it.each(['stored', 'deflated', 'streamed'] as const)('%s zips', async (form) => {
    const source = zipOf(
      landsatFiles().map((file) => ({
        ...file,
        isDeflated: form !== 'stored',
        ...(form === 'streamed' ? { descriptor: 'marked' as const } : {}),
      })),
    );
    const places = placesAt(source, ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'], 46);
    const draw = random(1);
    const counts = await tally(source, 500, () => mutated(source, draw, places));
    expect(counts).toEqual({ same: expect.any(Number), refused: expect.any(Number), other: 0 });
    expect(counts.same).toBeGreaterThan(20);
    expect(counts.refused).toBeGreaterThan(250);
  });

  it('tars that are packed', async () => {
    const source = gzipSync(tarOf(sentinel2Files()));
    const draw = random(2);
    const counts = await tally(source, 500, () => mutated(source, draw, []));
    expect(counts).toEqual({ same: expect.any(Number), refused: expect.any(Number), other: 0 });
    expect(counts.refused).toBeGreaterThan(400);
  });

  // What a file of a tar holds has no sum, so its headers alone are damaged; and it is the same tar without a whole
  // member that nobody needs.
  it('headers of tars', async () => {
    const source = tarOf(sentinel2Files().filter(({ name }) => !name.endsWith('manifest.safe')));
    const headers = Array.from({ length: source.length / 512 }, (_, index) => 512 * index).filter(
      (at) => source.toString('latin1', at + 257, at + 262) === 'ustar',
    );
    const draw = random(3);
    const counts = await tally(source, 500, () => {
      const at = headers[below(draw, headers.length)]!;
      if (below(draw, 4) > 0) return flip(source, draw, range(at, at + 512), 1);
      const to = at + 512 * (1 + below(draw, 2));
      return Buffer.concat([source.subarray(0, at), source.subarray(to)]);
    });
    expect(counts).toEqual({ same: expect.any(Number), refused: expect.any(Number), other: 0 });
    expect(counts.refused).toBeGreaterThan(250);
  });
});
