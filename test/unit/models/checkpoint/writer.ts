/** Writes small checkpoints as torch.save does, and pickles and zips that it never would. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { readCheckpoint, type Checkpoint } from '../../../../src/models/checkpoint/checkpoint.ts';
import { withFolder } from '../../../support/folder.ts';

/** Opcodes, by the names of Python's pickletools. */
export const op = {
  proto: (version = 2) => Buffer.from([0x80, version]),
  stop: Buffer.from('.'),
  mark: Buffer.from('('),
  dict: Buffer.from('}'),
  list: Buffer.from(']'),
  tuple: Buffer.from('t'),
  emptyTuple: Buffer.from(')'),
  tuple1: Buffer.from([0x85]),
  tuple2: Buffer.from([0x86]),
  setItems: Buffer.from('u'),
  append: Buffer.from('a'),
  reduce: Buffer.from('R'),
  build: Buffer.from('b'),
  persist: Buffer.from('Q'),
  none: Buffer.from('N'),
  true: Buffer.from([0x88]),
  false: Buffer.from([0x89]),
  global: (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`),
  text: (text: string) => {
    const bytes = Buffer.from(text);
    return Buffer.concat([Buffer.from('X'), uint32(bytes.length), bytes]);
  },
  /** The shortest of BININT1, BININT and LONG1. */
  int: (value: number) => {
    if (value >= 0 && value < 256) return Buffer.from([0x4b, value]);
    if (Math.abs(value) < 2 ** 31) return Buffer.concat([Buffer.from('J'), int32(value)]);
    const bytes = Buffer.alloc(10);
    bytes.set([0x8a, 8]);
    bytes.writeBigInt64LE(BigInt(value), 2);
    return bytes;
  },
  float: (value: number) => {
    const bytes = Buffer.alloc(9, 'G');
    bytes.writeDoubleBE(value, 1);
    return bytes;
  },
  put: (index: number) => Buffer.concat([Buffer.from('r'), uint32(index)]),
  get: (index: number) => Buffer.concat([Buffer.from('j'), uint32(index)]),
};

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

export interface TensorSpec {
  /** For example `FloatStorage`. */
  readonly storage: string;
  readonly key: string;
  /** Elements of the storage. */
  readonly size: number;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

const ints = (values: readonly number[]) =>
  Buffer.concat([op.mark, ...values.map(op.int), op.tuple]);

/** The opcodes of one tensor, as `_rebuild_tensor_v2` has it. */
export function tensorOps(spec: TensorSpec): Buffer {
  return Buffer.concat([
    op.global('torch._utils', '_rebuild_tensor_v2'),
    op.mark,
    op.mark,
    op.text('storage'),
    op.global('torch', spec.storage),
    op.text(spec.key),
    op.text('cpu'),
    op.int(spec.size),
    op.tuple,
    op.persist,
    op.int(spec.offset ?? 0),
    ints(spec.shape),
    ints(spec.stride),
    op.false,
    op.global('collections', 'OrderedDict'),
    op.emptyTuple,
    op.reduce,
    op.tuple,
    op.reduce,
  ]);
}

/** `{key: value, …}` from the opcodes of the values. */
export function dictOps(entries: Readonly<Record<string, Buffer>>): Buffer {
  const items = Object.entries(entries).flatMap(([key, value]) => [op.text(key), value]);
  return Buffer.concat([op.dict, op.mark, ...items, op.setItems]);
}

/** A whole pickle. */
export function pickle(...ops: Buffer[]): Buffer {
  return Buffer.concat([op.proto(), ...ops, op.stop]);
}

export interface ZipEntry {
  readonly name: string;
  readonly data: Uint8Array;
  readonly isDeflated?: boolean;
  /** What the headers say instead of the truth. */
  readonly declared?: Partial<Record<'size' | 'packedSize' | 'crc' | 'method' | 'flags', number>>;
}

/** What the local header and the central directory say alike. */
function headerFields(entry: ZipEntry, nameLength: number, packedSize: number): Buffer {
  const said = {
    method: entry.isDeflated === true ? 8 : 0,
    crc: crc32(entry.data),
    size: entry.data.length,
    flags: 0,
    packedSize,
    ...entry.declared,
  };
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(0x800 | said.flags, 2);
  fields.writeUInt16LE(said.method, 4);
  fields.writeUInt32LE(said.crc, 10);
  fields.writeUInt32LE(said.packedSize, 14);
  fields.writeUInt32LE(said.size, 18);
  fields.writeUInt16LE(nameLength, 22);
  return fields;
}

/** A zip archive; what headers declare may be wrong on purpose. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const data = entry.isDeflated === true ? deflateRawSync(entry.data) : Buffer.from(entry.data);
    const fields = headerFields(entry, name.length, data.length);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), fields, name, data);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), fields, rest, name);
    offset += 30 + name.length + data.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** The entries of a checkpoint around a pickle. */
export function checkpointEntries(
  data: Buffer,
  storages: Readonly<Record<string, Uint8Array>>,
  root = 'archive',
): ZipEntry[] {
  return [
    { name: `${root}/data.pkl`, data },
    { name: `${root}/byteorder`, data: Buffer.from('little') },
    ...Object.entries(storages).map(([key, bytes]) => ({
      name: `${root}/data/${key}`,
      data: bytes,
    })),
    { name: `${root}/version`, data: Buffer.from('3\n') },
  ];
}

/** Bytes of float32 values. */
export function floats(...values: number[]): Buffer {
  return Buffer.from(new Float32Array(values).buffer);
}

/** A checkpoint with three tensors, one of them a transposed view, and a key of training. */
export function smallCheckpoint(): Buffer {
  const vector = tensorOps({
    storage: 'FloatStorage',
    key: '0',
    size: 6,
    shape: [2, 3],
    stride: [3, 1],
  });
  const view = tensorOps({
    storage: 'FloatStorage',
    key: '0',
    size: 6,
    shape: [3, 2],
    stride: [1, 3],
  });
  const counter = tensorOps({ storage: 'LongStorage', key: '1', size: 1, shape: [], stride: [] });
  const data = pickle(
    dictOps({
      'senseiv2.a.weight': vector,
      'segmenter.b.weight': view,
      'senseiv2.a.num_batches_tracked': counter,
      'recovery_module.c': op.none,
    }),
  );
  const long = Buffer.alloc(8);
  long.writeBigInt64LE(42n);
  return zip(checkpointEntries(data, { 0: floats(1, 2, 3, 4, 5, 6), 1: long }));
}

/** A tensor of one element. */
export const one: TensorSpec = {
  storage: 'FloatStorage',
  key: '0',
  size: 1,
  shape: [1],
  stride: [1],
};

/** Reads bytes as a file. */
export function readBytes(bytes: Uint8Array): Promise<Checkpoint> {
  return withFolder(async (folder) => {
    const file = join(folder, 'weights.pt');
    await writeFile(file, bytes);
    return readCheckpoint(file);
  });
}

/** Reads a pickle in a sound archive. */
export function readPickle(
  data: Buffer,
  storages: Record<string, Uint8Array> = { 0: floats(7) },
): Promise<Checkpoint> {
  return readBytes(zip(checkpointEntries(data, storages)));
}
