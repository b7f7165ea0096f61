import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../../src/models/checkpoint/checkpoint.ts';
import { withFolder } from '../../../support/folder.ts';
import {
  checkpointEntries,
  dictOps,
  floats,
  one,
  op,
  pickle,
  readBytes,
  readPickle,
  smallCheckpoint,
  tensorOps,
  zip,
  type TensorSpec,
  type ZipEntry,
} from './writer.ts';

const oneOps = tensorOps(one);

describe('readCheckpoint refuses', () => {
  const call = (module: string, name: string) =>
    pickle(op.global(module, name), op.text('id'), op.tuple1, op.reduce);
  const tensor = (spec: Partial<TensorSpec>) =>
    pickle(dictOps({ 'senseiv2.x': tensorOps({ ...one, ...spec }) }));

  it.each<[string, Buffer, RegExp]>([
    ['os.system', call('os', 'system'), /byte 2: the class or function os\.system/],
    ['builtins.eval', call('builtins', 'eval'), /builtins\.eval/],
    ['a name with dots', call('torch._utils', '_rebuild_tensor_v2.__globals__'), /__globals__/],
    ['a class of the same name elsewhere', call('evil', 'OrderedDict'), /evil\.OrderedDict/],
    ['a call of a storage type', call('torch', 'FloatStorage'), /a call of torch\.FloatStorage/],
    ['NEWOBJ', pickle(op.none, op.emptyTuple, Buffer.from([0x81])), /0x81 \(NEWOBJ\)/],
    ['INST', pickle(op.mark, Buffer.from('ios\nsystem\n')), /0x69 \(INST\)/],
    ['EXT1', pickle(Buffer.from([0x82, 1])), /EXT1/],
    ['BUILD on a tensor', pickle(oneOps, op.dict, op.build), /a state is set on a tensor/],
    ['a list as the root', pickle(Buffer.from(']')), /holds a list, not a dict/],
    ['an unread memo', pickle(op.get(3)), /memo 3 is read before/],
    ['an empty stack', pickle(op.reduce), /a value is needed/],
    ['a pop below a mark', pickle(op.none, op.mark, op.tuple1), /a value is needed/],
    ['an open mark', pickle(op.mark, op.none), /open containers/],
    ['a dict as a key', pickle(op.dict, op.mark, op.dict, op.none, op.setItems), /key of a dict/],
    ['a future protocol', Buffer.concat([op.proto(6), op.none, op.stop]), /protocol 6/],
    ['a missing STOP', Buffer.concat([op.proto(), op.none]), /ends too early/],
    ['bytes after STOP', Buffer.concat([pickle(op.none), op.none]), /1 bytes after its end/],
    ['a huge text', pickle(Buffer.from('58ffffffff', 'hex')), /text of 4294967295 bytes/],
    ['a text that is not UTF-8', pickle(Buffer.from('5801000000ff', 'hex')), /not UTF-8/],
    ['a negative stride', tensor({ stride: [-1] }), /stride is -1/],
    ['a negative offset', tensor({ offset: -1 }), /offset is -1/],
    ['a stride beyond', tensor({ shape: [2], stride: [2 ** 40] }), /reaches beyond its storage/],
    ['an offset beyond', tensor({ offset: 1 }), /reaches beyond/],
    [
      'a product that overflows',
      tensor({ shape: Array(9).fill(2 ** 40), stride: Array(9).fill(0) }),
      /at most 268435456 elements/,
    ],
    [
      'more memory than there is',
      tensor({ shape: [2 ** 27], stride: [0] }),
      /need 536870912 bytes/,
    ],
    ['a shape without a stride', tensor({ shape: [1, 1] }), /another stride/],
    ['a storage of another size', tensor({ size: 2 }), /has 4 bytes; its tensors need 8/],
    ['a storage that is not there', tensor({ key: '9' }), /no entry "archive\/data\/9"/],
    ['a storage key that is a path', tensor({ key: '../0' }), /key is "\.\.\/0"/],
    [
      'no tensor of the network',
      pickle(dictOps({ 'model.x': oneOps })),
      /no SEnSeIv2 model.*model\.x/,
    ],
    [
      'a number where a tensor has to be',
      pickle(dictOps({ 'senseiv2.x': op.int(1) })),
      /senseiv2\.x is a number/,
    ],
    [
      'one name twice',
      pickle(dictOps({ 'senseiv2.x': oneOps, 'module.senseiv2.x': oneOps })),
      /twice/,
    ],
  ])('%s', async (_name, data, expected) => {
    await expect(readPickle(data)).rejects.toMatchObject({
      name: 'CheckpointRefused',
      message: expect.stringMatching(expected) as string,
    });
  });

  it('deep nesting, endless containers and too many opcodes', async () => {
    const marks = pickle(Buffer.alloc(2000, '('));
    await expect(readPickle(marks)).rejects.toThrow(/more than 1000 open containers/);
    const nested = pickle(op.none, Buffer.alloc(1_500_000, 0x85));
    await expect(readPickle(nested)).rejects.toThrow(/holds a tuple/);
    const endless = pickle(op.none, Buffer.alloc(2_500_000, 0x85));
    await expect(readPickle(endless)).rejects.toThrow(/more than 2000000 opcodes/);
    const wide = pickle(Buffer.alloc(1_500_000, 'N'));
    await expect(readPickle(wide)).rejects.toThrow(/more than 1000000 values/);
  });

  it('values that are no finite numbers', async () => {
    await expect(readPickle(tensor({}), { 0: floats(Number.NaN) })).rejects.toThrow(
      /senseiv2\.x has values/,
    );
  });

  const good = () => checkpointEntries(pickle(dictOps({ 'senseiv2.x': oneOps })), { 0: floats(7) });
  const replaced = (name: string, change: Partial<ZipEntry>): Buffer =>
    zip(good().map((entry) => (entry.name.endsWith(name) ? { ...entry, ...change } : entry)));

  it.each<[string, () => Buffer, RegExp]>([
    ['an empty file', () => Buffer.alloc(0), /the file is empty/],
    [
      'the old format',
      () => Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex'),
      /before version 1\.6/,
    ],
    [
      'a tar archive',
      () => Buffer.concat([Buffer.alloc(257, 'a'), Buffer.from('ustar')]),
      /tar archive/,
    ],
    ['a bare pickle', () => pickle(op.none), /bare pickle/],
    ['safetensors', () => Buffer.from('\x10\0\0\0\0\0\0\0{"a":{}}', 'latin1'), /safetensors/],
    [
      'a Git LFS pointer',
      () => Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
      /Git LFS/,
    ],
    ['a web page', () => Buffer.from('<!doctype html>'), /web page/],
    ['something else', () => Buffer.from('GIF89a'), /no PyTorch checkpoint/],
    ['a truncated file', () => smallCheckpoint().subarray(0, 700), /damaged or not complete/],
    [
      'a zip that is no checkpoint',
      () => zip([{ name: 'a.txt', data: floats(1) }]),
      /no data\.pkl/,
    ],
    [
      'two pickles',
      () => zip([...good(), { name: 'other/data.pkl', data: floats(1) }]),
      /more than one/,
    ],
    ['a name twice', () => zip([...good(), ...good()]), /twice/],
    [
      'names that differ in case',
      () => zip([...good(), { name: 'ARCHIVE/version', data: floats(1) }]),
      /twice/,
    ],
    [
      'a path that leaves',
      () => zip([...good(), { name: '../x', data: floats(1) }]),
      /damaged or not complete.*\.\.\/x/,
    ],
    [
      'control characters',
      () => zip([...good(), { name: 'archive/\x1b[2J', data: floats(1) }]),
      /control characters/,
    ],
    [
      'another byte order',
      () => replaced('byteorder', { data: Buffer.from('big') }),
      /byte order is "big"/,
    ],
    ['a future version', () => replaced('version', { data: Buffer.from('99') }), /version "99"/],
    [
      'an encrypted entry',
      () => replaced('data/0', { isDeflated: true, declared: { flags: 1 } }),
      /encrypted/,
    ],
    ['another compression', () => replaced('data/0', { declared: { method: 12 } }), /method 12/],
    ['a wrong checksum', () => replaced('data/0', { declared: { crc: 1 } }), /CRC-32/],
    [
      'a declared size that is not true',
      () => replaced('data/0', { isDeflated: true, declared: { size: 3 } }),
      /has 3 bytes|damaged/,
    ],
    [
      'a bomb',
      () => replaced('data/0', { data: Buffer.alloc(2 ** 24), isDeflated: true }),
      /100 times/,
    ],
    [
      'a bomb that lies',
      () =>
        replaced('data.pkl', {
          data: Buffer.alloc(2 ** 24),
          isDeflated: true,
          declared: { size: 100 },
        }),
      /damaged/,
    ],
    [
      'more bytes than the file',
      () => replaced('data/0', { declared: { size: 2 ** 31, packedSize: 2 ** 31 } }),
      /damaged|overlaps/,
    ],
  ])('%s', async (_name, bytes, expected) => {
    await expect(readBytes(bytes())).rejects.toMatchObject({
      name: 'CheckpointRefused',
      message: expect.stringMatching(expected) as string,
    });
  });

  it('a folder, and a file that is not there', async () => {
    await withFolder(async (folder) => {
      await expect(readCheckpoint(folder)).rejects.toThrow(/it is not a file/);
      await expect(readCheckpoint(join(folder, 'none.pt'))).rejects.toThrow(
        /none\.pt cannot be read \(ENOENT\)/,
      );
    });
  });
});
