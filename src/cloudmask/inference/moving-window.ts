/**
 * The moving window over a scene, top to bottom. Rows come out as soon as no further window touches them,
 * and what lies above is forgotten: memory grows with the width of a scene, not with its height.
 */
import { Cancelled } from '../../errors.ts';
import type { CloudModel } from '../../models/model.ts';
import { Mosaic } from '../postprocess/mosaic.ts';
import type { Scene } from '../scene.ts';
import type { StageTimes } from '../stages.ts';
import { finalBefore, planAxis, windowIndices, type AxisPlan } from '../windows/plan.ts';
import { WindowQueue } from './window-queue.ts';

/** Strips hold about two rows of windows: decoding goes on only if it is asked for earlier than the next. */
const rowsAhead = 2;

export interface WindowCounts {
  readonly planned: number;
  run: number;
  /** Windows without a single pixel of data. */
  skipped: number;
}

/** A final row of the scene. */
export interface FinalRow {
  readonly row: number;
  /** Mean class probabilities of the network, `classes × width`. Lent until the next row. */
  readonly probabilities: Float32Array;
  /** 1 where the product has data. */
  readonly validity: Uint8Array;
}

/** What the moving window needs of a scene. */
export type WindowSource = Pick<
  Scene,
  'product' | 'width' | 'height' | 'load' | 'release' | 'validity' | 'cut'
>;

export interface MovingWindowRequest {
  readonly scene: WindowSource;
  readonly model: CloudModel;
  /** Step of the window in pixels. */
  readonly stride: number;
  readonly times: StageTimes;
  readonly signal: AbortSignal;
  /** Called after each window. */
  readonly onWindow: (counts: WindowCounts) => void;
  /** Called with consecutive rows; the scene's own rows are loaded while it runs. */
  readonly onRows: (rows: Iterable<FinalRow>, top: number, count: number) => Promise<void>;
}

/** Runs all windows of a scene. Resolves with how many there were. */
export async function moveWindow(request: MovingWindowRequest): Promise<WindowCounts> {
  const run = new MovingWindow(request);
  await run.all();
  return run.counts;
}

class MovingWindow {
  readonly counts: WindowCounts;
  readonly #request: MovingWindowRequest;
  readonly #rows: AxisPlan;
  readonly #columns: AxisPlan;
  readonly #rowIndices: readonly Uint32Array[];
  readonly #columnIndices: readonly Uint32Array[];
  readonly #mosaic: Mosaic;
  readonly #queue: WindowQueue;
  readonly #validity = new Map<number, Uint8Array>();
  /** Reading of the strips for each row of windows, as far as it was begun. */
  readonly #loads: Promise<void>[] = [];
  #emitted = 0;

  constructor(request: MovingWindowRequest) {
    const { scene, model, stride } = request;
    const { patch, classes } = model.manifest;
    this.#request = request;
    this.#rows = planAxis(scene.height, patch, stride);
    this.#columns = planAxis(scene.width, patch, stride);
    this.#rowIndices = this.#rows.starts.map((start) => windowIndices(this.#rows, start));
    this.#columnIndices = this.#columns.starts.map((start) => windowIndices(this.#columns, start));
    this.#mosaic = new Mosaic(this.#rows, this.#columns, classes.length);
    this.#queue = new WindowQueue(model, scene.product, request.times);
    const planned = this.#rows.starts.length * this.#columns.starts.length;
    this.counts = { planned, run: 0, skipped: 0 };
  }

  /**
   * Rows of windows overlap in time: while the rows of the scene that one has made final are written, the next
   * is in the network already, and strips are read two rows of windows ahead.
   */
  async all(): Promise<void> {
    const { times } = this.#request;
    let written = Promise.resolve();
    try {
      for (const index of this.#rows.starts.keys()) {
        await times.time('read', () => this.#loaded(index));
        const used = await this.#submitRow(index, written);
        written = this.#finishRow(index, used);
        written.catch(() => undefined);
      }
      await written;
    } finally {
      // Nobody may close the scene or the network while something still reads from them.
      await Promise.allSettled([written, this.#queue.settled(), ...this.#loads]);
    }
  }

  /** Resolves when the strips for a row of windows are there; sees to it that reading stays ahead. */
  async #loaded(index: number): Promise<void> {
    for (let row = this.#loads.length; row <= index + rowsAhead; row++) {
      const indices = this.#rowIndices[row];
      if (indices === undefined) break;
      const load = this.#request.scene.load(Math.min(...indices), Math.max(...indices));
      load.catch(() => undefined);
      this.#loads.push(load);
    }
    await this.#loads[index];
  }

  /** The first scene row that the windows from a row of windows on will touch. */
  #neededFrom(index: number): number {
    const rest = this.#rowIndices.slice(index);
    return rest.reduce((first, indices) => Math.min(first, ...indices), this.#rows.size);
  }

  /**
   * Hands all windows of a row to the network.
   * @param written resolves when the rows above are out and their place in the mosaic is free
   * @returns when each window has been used
   */
  async #submitRow(index: number, written: Promise<void>): Promise<Promise<unknown>[]> {
    const { scene, signal, onWindow, times } = this.#request;
    const rowStart = this.#rows.starts[index]!;
    const all: Promise<unknown>[] = [];
    for (const [column, columnStart] of this.#columns.starts.entries()) {
      if (signal.aborted) throw new Cancelled();
      if (!this.#hasData(rowStart, columnStart)) {
        this.counts.skipped++;
        onWindow(this.counts);
        continue;
      }
      const { used } = await this.#queue.submit(
        (values) => scene.cut(this.#rowIndices[index]!, this.#columnIndices[column]!, values),
        async (probabilities) => {
          await written;
          await times.time('mosaic', () => this.#mosaic.add(rowStart, columnStart, probabilities));
          this.counts.run++;
          onWindow(this.counts);
        },
      );
      all.push(used);
    }
    return all;
  }

  /** When all windows of a row have been used: hands out what is final, and forgets what nobody needs. */
  async #finishRow(index: number, used: readonly Promise<unknown>[]): Promise<void> {
    await Promise.all(used);
    await this.#emit(finalBefore(this.#rows, index));
    this.#request.scene.release(Math.min(this.#emitted, this.#neededFrom(index + 1)));
  }

  #hasData(rowStart: number, columnStart: number): boolean {
    const { patch } = this.#rows;
    const top = rowStart - this.#rows.before;
    const left = columnStart - this.#columns.before;
    const right = Math.min(this.#columns.size, left + patch);
    for (let row = Math.max(0, top); row < Math.min(this.#rows.size, top + patch); row++) {
      if (this.#validityOf(row).subarray(Math.max(0, left), right).includes(1)) return true;
    }
    return false;
  }

  #validityOf(row: number): Uint8Array {
    const known = this.#validity.get(row);
    if (known !== undefined) return known;
    const validity = new Uint8Array(this.#columns.size);
    this.#request.scene.validity(row, validity);
    this.#validity.set(row, validity);
    return validity;
  }

  /** Hands out the rows that are final, up to (not including) row `end`. */
  async #emit(end: number): Promise<void> {
    const top = this.#emitted;
    if (end <= top) return;
    await this.#request.onRows(this.#finalRows(top, end), top, end - top);
    this.#emitted = end;
  }

  *#finalRows(top: number, end: number): Generator<FinalRow> {
    const classes = this.#request.model.manifest.classes.length;
    const probabilities = new Float32Array(classes * this.#columns.size);
    for (let row = top; row < end; row++) {
      this.#mosaic.take(row, probabilities);
      yield { row, probabilities, validity: this.#validityOf(row) };
      this.#validity.delete(row);
    }
  }
}
