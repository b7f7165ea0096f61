/** Bytes that come in pieces of any size, taken in the sizes that a format has. */
import { ArchiveFault } from './fault.ts';

export class ByteStream {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();
  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next `length` bytes; fewer only at the end. */
  async upTo(length: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let missing = length; missing > 0;) {
      const piece = await this.#next(missing);
      if (piece === undefined) break;
      pieces.push(piece);
      missing -= piece.length;
    }
    return pieces.length === 1 ? (pieces[0] ?? new Uint8Array()) : Buffer.concat(pieces);
  }

  /**
   * The next `length` bytes.
   * @throws ArchiveFault when the stream ends before
   */
  async take(length: number): Promise<Uint8Array> {
    const bytes = await this.upTo(length);
    if (bytes.length < length) throw tooShort();
    return bytes;
  }

  /**
   * The next `length` bytes in pieces as they come.
   * @throws ArchiveFault when the stream ends before
   */
  async *pieces(length: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let missing = length; missing > 0;) {
      const piece = await this.#next(missing);
      if (piece === undefined) throw tooShort();
      missing -= piece.length;
      yield piece;
    }
  }

  /** Passes over the next `length` bytes. */
  async skip(length: number): Promise<void> {
    const pieces = this.pieces(length);
    while ((await pieces.next()).done !== true);
  }

  /** All that is left. */
  async *remaining(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const piece = await this.#next(Infinity);
      if (piece === undefined) return;
      yield piece;
    }
  }

  /** Puts bytes back before the next ones. */
  putBack(bytes: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([bytes, this.#rest]);
  }

  /** Lets the source go, wherever it is. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #next(most: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#source.next();
      if (done === true) return undefined;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }
}

function tooShort(): ArchiveFault {
  return new ArchiveFault('the archive ends too early. Was the download cut short?');
}
