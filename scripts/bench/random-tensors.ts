/** Random weights for any architecture: whatever tensor is asked for is drawn, and kept. */
import type { CheckpointTensor, StateDict } from '../../src/models/convert/state-dict.ts';
import { TensorSource } from '../../src/models/convert/tensor-source.ts';
import { random } from './random.ts';

/** A source that has every tensor; what was taken can be read back by name. */
export class RandomTensors extends TensorSource {
  readonly made = new Map<string, CheckpointTensor>();
  readonly #next: () => number;

  constructor(seed: number) {
    super(new Map() as StateDict);
    this.#next = random(seed);
  }

  override take(name: string, shape: readonly number[]): Float32Array {
    const known = this.made.get(name);
    if (known !== undefined) return known.data;
    const length = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length }, () => this.#draw(name, shape));
    this.made.set(name, { shape, dtype: 'float32', data });
    return data;
  }

  /** Norms near 1, variances positive, layers scaled so that signals neither die nor explode. */
  #draw(name: string, shape: readonly number[]): number {
    const value = 2 * this.#next() - 1;
    if (name.endsWith('running_var')) return 0.5 + this.#next();
    if (/norm.*\.weight$/.test(name)) return 1 + 0.3 * value;
    if (shape.length < 2) return 0.2 * value;
    const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
    return (value * 2) / Math.sqrt(inputs);
  }
}
