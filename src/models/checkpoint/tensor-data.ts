/** From the bytes of a storage to the float32 values of one tensor. */
import { elementsOf } from './pickle-tensor.ts';
import type { PickleTensor, StorageType } from './pickle-value.ts';

/** Bytes of one element. */
export const elementBytes = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  uint8: 1,
  bool: 1,
} as const satisfies Record<StorageType, number>;

type Element = (index: number) => number;

/** Values of a view in row-major order, in memory of their own. */
export function tensorData(tensor: PickleTensor, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const { storage, offset, shape, stride } = tensor;
  const values = new Float32Array(elementsOf(shape));
  if (values.length === 0) return values;
  if (!isContiguous(shape, stride)) return gather(tensor, elements(storage.type, bytes), values);
  if (storage.type === 'float32') {
    values.set(new Float32Array(bytes.buffer, bytes.byteOffset + 4 * offset, values.length));
    return values;
  }
  const element = elements(storage.type, bytes);
  for (let at = 0; at < values.length; at++) values[at] = element(offset + at);
  return values;
}

function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  return shape.toReversed().every((length, axis) => {
    const isNext = length === 1 || stride.at(-1 - axis) === expected;
    expected *= length;
    return isNext;
  });
}

/** Walks the view like an odometer: `index` holds the place on each axis. */
function gather(
  { offset, shape, stride }: PickleTensor,
  element: Element,
  values: Float32Array,
): Float32Array {
  const index = shape.map(() => 0);
  let place = offset;
  for (let at = 0; at < values.length; at++) {
    values[at] = element(place);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [next, step] = [(index[axis] ?? 0) + 1, stride[axis] ?? 0];
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        place += step;
        break;
      }
      index[axis] = 0;
      place -= (next - 1) * step;
    }
  }
  return values;
}

/** Element `index` of a storage, by the type. All are little-endian. */
const readers = {
  float32: (view, index) => view.getFloat32(4 * index, true),
  float64: (view, index) => view.getFloat64(8 * index, true),
  float16: (view, index) => fromHalf(view.getUint16(2 * index, true)),
  bfloat16: (view, index) => fromBits(view.getUint16(2 * index, true) * 65_536),
  int64: (view, index) => Number(view.getBigInt64(8 * index, true)),
  int32: (view, index) => view.getInt32(4 * index, true),
  uint8: (view, index) => view.getUint8(index),
  bool: (view, index) => (view.getUint8(index) === 0 ? 0 : 1),
} as const satisfies Record<StorageType, (view: DataView, index: number) => number>;

function elements(type: StorageType, bytes: Uint8Array<ArrayBuffer>): Element {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readers[type];
  return (index) => read(view, index);
}

const scratch = new DataView(new ArrayBuffer(4));

function fromBits(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function fromHalf(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
