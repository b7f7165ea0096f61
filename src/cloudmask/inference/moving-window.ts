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

  async all(): Promise<void> {
    const { scene, times } = this.#request;
    for (const index of this.#rows.starts.keys()) {
      await times.time('read', () => this.#load(index));
      // The next rows are decoded while this row of windows is computed.
      const ahead = this.#load(index + 1);
      ahead.catch(() => undefined);
      await this.#runRow(index);
      await this.#emit(finalBefore(this.#rows, index));
      await times.time('read', () => ahead);
      scene.release(Math.min(this.#emitted, this.#neededFrom(index + 1)));
    }
  }

  async #load(index: number): Promise<void> {
    const indices = this.#rowIndices[index];
    if (indices === undefined) return;
    await this.#request.scene.load(Math.min(...indices), Math.max(...indices));
  }

  /** The first scene row that the windows from a row of windows on will touch. */
  #neededFrom(index: number): number {
    const rest = this.#rowIndices.slice(index);
    return rest.reduce((first, indices) => Math.min(first, ...indices), this.#rows.size);
  }

  async #runRow(index: number): Promise<void> {
    const { scene, signal, onWindow } = this.#request;
    const rowStart = this.#rows.starts[index]!;
    for (const [column, columnStart] of this.#columns.starts.entries()) {
      if (signal.aborted) throw new Cancelled();
      if (!this.#hasData(rowStart, columnStart)) {
        this.counts.skipped++;
        onWindow(this.counts);
        continue;
      }
      await this.#queue.submit(
        (values) => scene.cut(this.#rowIndices[index]!, this.#columnIndices[column]!, values),
        (probabilities) => {
          this.#mosaic.add(rowStart, columnStart, probabilities);
          this.counts.run++;
          onWindow(this.counts);
        },
      );
    }
    await this.#queue.drain();
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
