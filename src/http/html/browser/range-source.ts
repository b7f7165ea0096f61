/**
 * The bytes of a remote file by ranges, for geotiff. The head of a COG, where its directories and coarse
 * overviews lie, comes at once; what is asked for within a moment comes together, neighbours as one range.
 */

interface Slice {
  readonly offset: number;
  readonly length: number;
}

interface Waiting extends Slice {
  readonly resolve: (body: ArrayBuffer) => void;
  readonly reject: (error: unknown) => void;
}

const headBytes = 65_536;
/** Worth reading in vain to save a request. */
const gapBytes = 32_768;
/** The most that one request asks for, unless a single slice is longer. */
const mostBytes = 1_048_576;
const gatherMs = 60;

export class RangeSource {
  readonly #url: string;
  readonly #head: Promise<ArrayBuffer>;
  #waiting: Waiting[] = [];
  /** What went over the wire. */
  requests = 0;
  bytes = 0;

  constructor(url: string) {
    this.#url = url;
    this.#head = this.#range(0, headBytes);
  }

  /** Not known, and not needed. */
  get fileSize(): null {
    return null;
  }

  /** geotiff asks for slices; a file that ends earlier gives less. */
  fetch(slices: readonly Slice[]): Promise<ArrayBuffer[]> {
    return Promise.all(slices.map((slice) => this.#slice(slice)));
  }

  async fetchSlice(slice: Slice): Promise<Slice & { data: ArrayBuffer }> {
    return { ...slice, data: await this.#slice(slice) };
  }

  async close(): Promise<void> {}

  async #slice({ offset, length }: Slice): Promise<ArrayBuffer> {
    const head = await this.#head;
    const isWhole = head.byteLength < headBytes;
    if (offset + length <= head.byteLength || isWhole) return head.slice(offset, offset + length);
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setTimeout(() => this.#flush(), gatherMs);
      this.#waiting.push({ offset, length, resolve, reject });
    });
  }

  #flush(): void {
    const slices = this.#waiting.toSorted((one, other) => one.offset - other.offset);
    this.#waiting = [];
    let group: Waiting[] = [];
    for (const slice of slices) {
      const [first] = group;
      const end = Math.max(0, ...group.map(endOf));
      const isNear = first !== undefined && slice.offset - end <= gapBytes;
      if (isNear && endOf(slice) - first.offset <= mostBytes) group.push(slice);
      else {
        void this.#fetchGroup(group);
        group = [slice];
      }
    }
    void this.#fetchGroup(group);
  }

  async #fetchGroup(group: readonly Waiting[]): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    try {
      const body = await this.#range(first.offset, Math.max(...group.map(endOf)));
      for (const { offset, length, resolve } of group)
        resolve(body.slice(offset - first.offset, offset - first.offset + length));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  async #range(from: number, to: number): Promise<ArrayBuffer> {
    const answer = await fetch(this.#url, { headers: { Range: `bytes=${from}-${to - 1}` } });
    if (answer.status !== 206)
      throw new Error(answer.ok ? 'the server ignores Range' : `HTTP ${answer.status}`);
    const body = await answer.arrayBuffer();
    this.requests += 1;
    this.bytes += body.byteLength;
    return body;
  }
}

function endOf({ offset, length }: Slice): number {
  return offset + length;
}
