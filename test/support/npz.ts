/** Reads NumPy's `.npz` (a zip of `.npy` arrays), as far as the golden files need it. */
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major. Booleans and bytes as Uint8Array, 64-bit integers as numbers in a Float64Array. */
  readonly data: Float32Array | Float64Array | Uint8Array | Uint16Array | Int32Array;
}

/** All arrays of a file by name. */
export function readNpz(file: string): Record<string, NpyArray> {
  const bytes = readFileSync(file);
  const arrays: Record<string, NpyArray> = {};
  let at = bytes.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  const entries = bytes.readUInt16LE(at + 10);
  at = bytes.readUInt32LE(at + 16);
  for (let entry = 0; entry < entries; entry++) {
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    arrays[name.replace(/\.npy$/, '')] = readNpy(content(bytes, at));
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return arrays;
}

function content(bytes: Buffer, directoryEntry: number): Buffer {
  const method = bytes.readUInt16LE(directoryEntry + 10);
  const size = bytes.readUInt32LE(directoryEntry + 20);
  const header = bytes.readUInt32LE(directoryEntry + 42);
  const from = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const stored = bytes.subarray(from, from + size);
  return method === 8 ? inflateRawSync(stored) : stored;
}

function readNpy(bytes: Buffer): NpyArray {
  const isVersion1 = bytes[6] === 1;
  const start = isVersion1 ? 10 : 12;
  const end = start + (isVersion1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  const header = bytes.toString('latin1', start, end);
  const descr = /'descr': '([^']+)'/.exec(header)?.[1] ?? '';
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  if (header.includes("'fortran_order': True")) throw new Error('Fortran order is not supported.');
  const data = Uint8Array.from(bytes.subarray(end)).buffer;
  return { shape, data: typed(descr, data) };
}

function typed(descr: string, data: ArrayBuffer): NpyArray['data'] {
  switch (descr) {
    case '<f4':
      return new Float32Array(data);
    case '<f8':
      return new Float64Array(data);
    case '|u1':
    case '|b1':
      return new Uint8Array(data);
    case '<u2':
      return new Uint16Array(data);
    case '<i4':
      return new Int32Array(data);
    case '<i8':
      return Float64Array.from(new BigInt64Array(data), Number);
    default:
      throw new Error(`NumPy type ${descr} is not supported.`);
  }
}
