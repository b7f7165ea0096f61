/** Reads the bytes of a pickle. Every read is checked against the end. */
import { Fault } from './fault.ts';
import { limits } from './limits.ts';

/** Longest line of the opcode GLOBAL: a module or a class. */
const lineLength = 256;

export class PickleInput {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.#position;
  }

  get left(): number {
    return this.#bytes.length - this.#position;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A length: above what is exact in a number, it is above every limit as well. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  /** Big-endian, unlike everything else in a pickle. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A little-endian integer in two's complement. */
  long(length: number): number | bigint {
    const start = this.#take(length);
    let value = 0n;
    for (let at = start + length - 1; at >= start; at--) {
      value = (value << 8n) | BigInt(this.#view.getUint8(at));
    }
    const signed = length === 0 ? 0n : BigInt.asIntN(8 * length, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  text(length: number): string {
    if (length > limits.stringBytes) {
      throw new Fault(`a text of ${length} bytes; at most ${limits.stringBytes} are accepted`);
    }
    const start = this.#take(length);
    try {
      return this.#utf8.decode(this.#bytes.subarray(start, start + length));
    } catch (error) {
      throw new Fault('a text that is not UTF-8', { cause: error });
    }
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    const length = end - this.#position;
    if (end < 0 || length > lineLength) throw new Fault('a line without an end');
    const line = this.text(length);
    this.#take(1);
    return line;
  }

  #take(length: number): number {
    if (length > this.left) throw new Fault('the pickle ends too early');
    const start = this.#position;
    this.#position += length;
    return start;
  }
}
