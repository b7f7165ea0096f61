/** Random weights for any architecture: whatever tensor is asked for is drawn, and kept. */
import type { CheckpointTensor, StateDict } from '../../src/models/convert/state-dict.ts';
import { TensorSource } from '../../src/models/convert/tensor-source.ts';
import { randomNumbers } from '../synthetic-scene/noise.ts';

/** A source that has every tensor, the same for the same seed and name; what was taken can be read back by name. */
export class RandomTensors extends TensorSource {
  readonly made = new Map<string, CheckpointTensor>();
  readonly #seed: number;

  constructor(seed: number) {
    super(new Map() as StateDict);
    this.#seed = seed;
  }

  override take(name: string, shape: readonly number[]): Float32Array {
    const known = this.made.get(name);
    if (known !== undefined) return known.data;
    const { centre, spread } = spreadOf(name, shape);
    const next = randomNumbers(this.#seedOf(name));
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let i = 0; i < data.length; i++) data[i] = centre + spread * (2 * next() - 1);
    this.made.set(name, { shape, dtype: 'float32', data });
    return data;
  }

  #seedOf(name: string): number {
    let seed = this.#seed;
    for (const letter of name) seed = Math.imul(seed, 31) + (letter.codePointAt(0) ?? 0);
    return seed;
  }
}

/** Last layer of the head whose outputs are the frequencies of the band embedding. */
const frequencies = /frequency_head\.layers\.5\.weight$/;

/**
 * Norms near 1, variances positive, layers scaled so that signals neither die nor explode; frequencies up to about 8,
 * as in a trained network: on them depends what the embedding costs.
 */
function spreadOf(name: string, shape: readonly number[]): { centre: number; spread: number } {
  if (name.endsWith('running_var')) return { centre: 1, spread: 0.5 };
  if (/norm.*\.weight$/.test(name)) return { centre: 1, spread: 0.3 };
  if (shape.length < 2) return { centre: 0, spread: 0.2 };
  const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
  const spread = 2 / Math.sqrt(inputs);
  return { centre: 0, spread: frequencies.test(name) ? 20 * spread : spread };
}
