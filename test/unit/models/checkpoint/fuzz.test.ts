/** Damaged checkpoints by the thousand: each is refused in words, or read. Never anything else, and never slowly. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { CheckpointRefused } from '../../../../src/errors.ts';
import { readCheckpoint } from '../../../../src/models/checkpoint/checkpoint.ts';
import { withFolder } from '../../../support/folder.ts';
import { random } from '../../../support/random.ts';
import {
  checkpointEntries,
  dictOps,
  floats,
  op,
  pickle,
  smallCheckpoint,
  tensorOps,
  zip,
} from './writer.ts';

type Draw = () => number;
const below = (draw: Draw, limit: number): number => Math.floor(draw() * limit);

/** Pieces that an attacker would put in. */
const injections: readonly Buffer[] = [
  op.global('os', 'system'),
  op.global('builtins', 'eval'),
  op.global('posix', 'system'),
  Buffer.concat([op.global('builtins', 'exec'), op.text('x'), op.tuple1, op.reduce]),
  Buffer.concat([op.global('collections', 'OrderedDict'), op.reduce]),
  Buffer.concat([op.list, op.put(0), op.get(0), op.append]),
  Buffer.concat([op.dict, op.put(1), op.text('a'), op.get(1), Buffer.from('s')]),
  Buffer.alloc(300, op.mark),
  Buffer.alloc(3000, 0x85),
  Buffer.from([0x8a, 255, ...Array<number>(255).fill(0x7f)]),
  op.int(2 ** 52),
  op.int(-1),
  op.float(Number.NaN),
  tensorOps({
    storage: 'FloatStorage',
    key: '0',
    size: 6,
    shape: [2 ** 40, 2 ** 40],
    stride: [0, 0],
  }),
  tensorOps({ storage: 'FloatStorage', key: '0', size: 6, shape: [2 ** 20], stride: [0] }),
  tensorOps({ storage: 'DoubleStorage', key: '0', size: 3, shape: [3], stride: [1] }),
  Buffer.from('58ffffff7f', 'hex'),
  Buffer.from('8dffffffffffffffff', 'hex'),
  Buffer.from('95ffffffffffffff7f', 'hex'),
  op.text('__proto__'),
  op.build,
  op.persist,
  op.reduce,
  op.stop,
];

function mutated(source: Buffer, draw: Draw): Buffer {
  const bytes = Buffer.from(source);
  const at = below(draw, bytes.length);
  const end = Math.min(bytes.length, at + 1 + below(draw, 40));
  switch (below(draw, 6)) {
    case 0:
      for (let flips = 1 + below(draw, 4); flips > 0; flips--) {
        bytes[below(draw, bytes.length)]! ^= 1 << below(draw, 8);
      }
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2: {
      const piece = injections[below(draw, injections.length)]!;
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    }
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 4: {
      const other = below(draw, bytes.length);
      return Buffer.concat([
        bytes.subarray(0, other),
        bytes.subarray(at, end),
        bytes.subarray(other),
      ]);
    }
    default:
      bytes.fill(below(draw, 2) * 255, at, end);
      return bytes;
  }
}

const healthy = pickle(
  dictOps({
    'senseiv2.a': tensorOps({
      storage: 'FloatStorage',
      key: '0',
      size: 6,
      shape: [2, 3],
      stride: [3, 1],
    }),
    'segmenter.b': tensorOps({
      storage: 'FloatStorage',
      key: '0',
      size: 6,
      shape: [3, 2],
      stride: [1, 3],
    }),
    'recovery_module.c': op.list,
  }),
);

/** Offsets of opcodes, found by cutting: putting pieces there goes deeper than anywhere. */
const seams: number[] = [];

async function outcome(file: string, bytes: Buffer): Promise<string> {
  await writeFile(file, bytes);
  try {
    const { tensors } = await readCheckpoint(file);
    for (const { shape, data } of tensors.values()) {
      expect(data).toHaveLength(shape.reduce((product, length) => product * length, 1));
    }
    return 'read';
  } catch (error) {
    if (error instanceof CheckpointRefused && error.message.startsWith('weights.pt is refused: ')) {
      return 'refused';
    }
    throw new Error(`seeded bytes ${bytes.toString('base64')} ended badly`, { cause: error });
  }
}

async function tally(
  rounds: number,
  seed: number,
  make: (draw: Draw) => Buffer,
): Promise<Record<string, number>> {
  const draw = random(seed);
  const counts: Record<string, number> = {};
  await withFolder(async (folder) => {
    const file = join(folder, 'weights.pt');
    for (let round = 0; round < rounds; round++) {
      const result = await outcome(file, make(draw));
      counts[result] = (counts[result] ?? 0) + 1;
    }
  });
  return counts;
}

describe('readCheckpoint on damaged files', () => {
  beforeAll(() => {
    for (const [at, byte] of healthy.entries())
      if ('(X}Kct'.includes(String.fromCharCode(byte))) seams.push(at);
  });

  it('survives a mutated pickle in a sound archive', async () => {
    const storages = { 0: floats(1, 2, 3, 4, 5, 6) };
    const counts = await tally(1500, 1, (draw) =>
      zip(checkpointEntries(mutated(healthy, draw), storages)),
    );
    expect(counts['read']).toBeGreaterThan(5);
    expect(counts['refused']).toBeGreaterThan(1000);
  });

  it('survives pieces put between opcodes', async () => {
    const storages = { 0: floats(1, 2, 3, 4, 5, 6) };
    const counts = await tally(1500, 2, (draw) => {
      const at = seams[below(draw, seams.length)]!;
      const pieces = Array.from(
        { length: 1 + below(draw, 3) },
        () => injections[below(draw, injections.length)]!,
      );
      const data = Buffer.concat([healthy.subarray(0, at), ...pieces, healthy.subarray(at)]);
      return zip(checkpointEntries(data, storages));
    });
    expect(counts['refused']).toBeGreaterThan(1000);
  });

  it('survives a mutated archive', async () => {
    const source = smallCheckpoint();
    const counts = await tally(1500, 3, (draw) => {
      const bytes = mutated(source, draw);
      return below(draw, 4) === 0 ? mutated(bytes.length > 0 ? bytes : source, draw) : bytes;
    });
    expect(counts['refused']).toBeGreaterThan(1000);
  });

  it('survives noise behind a valid head', async () => {
    const head = Buffer.from('PK\x03\x04', 'latin1');
    const counts = await tally(500, 4, (draw) =>
      Buffer.concat([
        head,
        Buffer.from(Array.from({ length: below(draw, 400) }, () => below(draw, 256))),
      ]),
    );
    expect(counts).toEqual({ refused: 500 });
  });

  it('needs little memory for what it refuses', async () => {
    const before = process.memoryUsage.rss();
    const bytes = smallCheckpoint();
    await tally(300, crc32(bytes), () =>
      zip(
        checkpointEntries(pickle(dictOps({ 'senseiv2.x': injections[13]! })), {
          0: floats(1, 2, 3, 4, 5, 6),
        }),
      ),
    );
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 2 ** 20);
  });
});
