/**
 * Strict access to a state dict: what inference needs has to be there in the right shape, and nothing that
 * looks like a part of the network may be left over.
 */
import { CheckpointRefused } from '../../errors.ts';
import type { StateDict } from './state-dict.ts';

/** Counters of training, which inference does not need. */
const trainingOnly = /\.num_batches_tracked$/;

export class TensorSource {
  readonly #tensors: StateDict;
  readonly #taken = new Set<string>();

  constructor(tensors: StateDict) {
    this.#tensors = tensors;
  }

  /**
   * The values of a tensor.
   * @throws CheckpointRefused when it is missing or of another shape
   */
  take(name: string, shape: readonly number[]): Float32Array {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) {
      throw new CheckpointRefused(
        `The checkpoint has no ${name} (${shape.join(' × ')}), which the configuration needs.`,
      );
    }
    if (tensor.shape.join() !== shape.join()) {
      throw new CheckpointRefused(
        `${name} has the shape ${tensor.shape.join(' × ') || 'of a number'}; the configuration needs ${shape.join(' × ')}.`,
      );
    }
    this.#taken.add(name);
    return tensor.data;
  }

  /**
   * Says that everything needed was taken.
   * @throws CheckpointRefused naming tensors that nothing asked for: another architecture than configured
   */
  finish(): void {
    const left = [...this.#tensors.keys()].filter(
      (name) => !this.#taken.has(name) && !trainingOnly.test(name),
    );
    if (left.length === 0) return;
    const shown = left.slice(0, 5).join(', ');
    throw new CheckpointRefused(
      `The checkpoint has ${left.length} tensors that the configuration does not know: ${shown}${left.length > 5 ? ', …' : ''}.`,
    );
  }

  /** Number of values taken so far. */
  get parameters(): number {
    let count = 0;
    for (const name of this.#taken) count += this.#tensors.get(name)?.data.length ?? 0;
    return count;
  }
}
