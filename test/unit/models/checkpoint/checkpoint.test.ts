import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../../src/models/checkpoint/checkpoint.ts';
import { describeWithShared, sharedPath } from '../../../support/shared.ts';
import {
  dictOps,
  floats,
  one,
  op,
  pickle,
  readBytes,
  readPickle,
  smallCheckpoint,
  tensorOps,
  type TensorSpec,
} from './writer.ts';

const oneOps = tensorOps(one);

/** The values of a tensor made as told. */
async function valuesOf(spec: Partial<TensorSpec>, storage: Uint8Array): Promise<number[]> {
  const ops = tensorOps({ ...one, ...spec });
  const { tensors } = await readPickle(pickle(dictOps({ 'senseiv2.x': ops })), { 0: storage });
  return [...(tensors.get('senseiv2.x')?.data ?? [])];
}

describe('readCheckpoint', () => {
  it('reads tensors, views of one storage, integers, and lists what it ignores', async () => {
    const { tensors, ignoredKeys } = await readBytes(smallCheckpoint());
    expect(Object.fromEntries(tensors)).toEqual({
      'senseiv2.a.weight': {
        shape: [2, 3],
        dtype: 'float32',
        data: new Float32Array([1, 2, 3, 4, 5, 6]),
      },
      'segmenter.b.weight': {
        shape: [3, 2],
        dtype: 'float32',
        data: new Float32Array([1, 4, 2, 5, 3, 6]),
      },
      'senseiv2.a.num_batches_tracked': {
        shape: [],
        dtype: 'int64',
        data: new Float32Array([42]),
      },
    });
    expect(ignoredKeys).toEqual(['recovery_module.c']);
  });

  it.each<[string, number, Uint8Array, number[]]>([
    ['DoubleStorage', 2, Buffer.from(new Float64Array([0.5, -2]).buffer), [0.5, -2]],
    ['HalfStorage', 4, Buffer.from('003c00c201000080', 'hex'), [1, -3, 2 ** -24, -0]],
    ['BFloat16Storage', 2, Buffer.from('803f40c0', 'hex'), [1, -3]],
    ['LongStorage', 2, Buffer.from(new BigInt64Array([5n, -6n]).buffer), [5, -6]],
    ['IntStorage', 2, Buffer.from(new Int32Array([7, -8]).buffer), [7, -8]],
    ['ByteStorage', 2, Buffer.from([9, 255]), [9, 255]],
    ['BoolStorage', 3, Buffer.from([0, 1, 1]), [0, 1, 1]],
  ])('converts %s to float32', async (storage, size, bytes, expected) => {
    expect(await valuesOf({ storage, size, shape: [size], stride: [1] }, bytes)).toEqual(expected);
  });

  it.each<[string, Partial<TensorSpec>, number[]]>([
    ['an offset', { offset: 2, shape: [2], stride: [1] }, [3, 4]],
    ['every second element', { shape: [3], stride: [2] }, [1, 3, 5]],
    ['overlapping rows', { shape: [3, 2], stride: [1, 1] }, [1, 2, 2, 3, 3, 4]],
    ['a repeated element', { shape: [2, 2], stride: [0, 0] }, [1, 1, 1, 1]],
    ['no element', { shape: [0, 5], stride: [5, 1] }, []],
    ['a scalar', { offset: 5, shape: [], stride: [] }, [6]],
  ])('reads views: %s', async (_name, spec, expected) => {
    expect(await valuesOf({ size: 6, ...spec }, floats(1, 2, 3, 4, 5, 6))).toEqual(expected);
  });

  it.each(['state_dict', 'model_state_dict', 'model'])('unwraps %s', async (wrapper) => {
    const inner = dictOps({ 'senseiv2.x': oneOps });
    const { tensors, ignoredKeys } = await readPickle(
      pickle(dictOps({ epoch: op.int(105), [wrapper]: inner })),
    );
    expect([...tensors.keys()]).toEqual(['senseiv2.x']);
    expect(ignoredKeys).toEqual(['epoch']);
  });

  it('strips one module. and no more', async () => {
    const { tensors, ignoredKeys } = await readPickle(
      pickle(dictOps({ 'module.senseiv2.x': oneOps, 'module.module.senseiv2.y': oneOps })),
    );
    expect([...tensors.keys()]).toEqual(['senseiv2.x']);
    expect(ignoredKeys).toEqual(['module.module.senseiv2.y']);
  });

  it('reads parameters, ordered dicts with attributes, frames and memos of protocol 4', async () => {
    const shortText = (text: string) =>
      Buffer.concat([Buffer.from([0x8c, text.length]), Buffer.from(text)]);
    const body = Buffer.concat([
      shortText('collections'),
      Buffer.from([0x94]),
      shortText('OrderedDict'),
      Buffer.from([0x93]),
      op.emptyTuple,
      op.reduce,
      op.mark,
      op.text('senseiv2.x'),
      op.global('torch._utils', '_rebuild_parameter'),
      op.mark,
      oneOps,
      op.true,
      op.global('collections', 'OrderedDict'),
      op.emptyTuple,
      op.reduce,
      op.tuple,
      op.reduce,
      op.setItems,
      dictOps({ _metadata: op.float(1.5) }),
      op.build,
      op.stop,
    ]);
    const frame = Buffer.alloc(9, 0x95);
    frame.writeBigUInt64LE(BigInt(body.length), 1);
    const { tensors } = await readPickle(Buffer.concat([op.proto(4), frame, body]));
    expect(tensors.get('senseiv2.x')?.data).toEqual(new Float32Array([7]));
  });

  it('takes __proto__ and constructor for names like any other', async () => {
    const { ignoredKeys } = await readPickle(
      pickle(
        Buffer.concat([
          op.dict,
          op.mark,
          ...['__proto__', 'constructor'].flatMap((key) => [
            op.text(key),
            dictOps({ polluted: op.true }),
          ]),
          op.text('senseiv2.x'),
          oneOps,
          op.setItems,
        ]),
      ),
    );
    expect(ignoredKeys).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('reads a list that holds itself without following it', async () => {
    const data = pickle(
      dictOps({
        loop: Buffer.concat([op.list, op.put(1), op.get(1), op.append]),
        'senseiv2.x': oneOps,
      }),
    );
    expect((await readPickle(data)).ignoredKeys).toEqual(['loop']);
  });
});

describeWithShared('models/starter-v0/starter-v0.pt', 'readCheckpoint on the starter', () => {
  it('reads all tensors', async () => {
    const { tensors, ignoredKeys } = await readCheckpoint(
      sharedPath('models/starter-v0/starter-v0.pt'),
    );
    expect(tensors.size).toBe(273);
    expect(ignoredKeys).toEqual([]);
    const weight = tensors.get('senseiv2.blocks.1.layers.0.weight');
    expect(weight?.shape).toEqual([79]);
    // Read from the storage's bytes by hand.
    expect([...(weight?.data.subarray(0, 3) ?? [])]).toEqual([
      1.0012829303741455, 0.9406847357749939, 1.0114396810531616,
    ]);
  });
});

describeWithShared('reference/golden/b2-random.pt', 'readCheckpoint on the official form', () => {
  it('reads 445 entries and 27,815,365 parameters', async () => {
    const { tensors, ignoredKeys } = await readCheckpoint(
      sharedPath('reference/golden/b2-random.pt'),
    );
    expect(ignoredKeys).toEqual([]);
    expect(tensors.size).toBe(445);
    const parameters = [...tensors]
      .filter(([key]) => !/running_|num_batches/.test(key))
      .reduce((sum, [, { data }]) => sum + data.length, 0);
    expect(parameters).toBe(27_815_365);
    expect(tensors.get('segmenter.decode_head.linear_fuse.weight')?.shape).toEqual([
      768, 3072, 1, 1,
    ]);
    expect(tensors.get('senseiv2.blocks.3.norm.num_batches_tracked')).toMatchObject({
      shape: [],
      dtype: 'int64',
    });
  });
});
