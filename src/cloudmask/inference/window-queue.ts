/**
 * Keeps the network busy: while one window is computed, the next is prepared. Memory is bounded by the
 * number of window buffers, which go round.
 */
import { descriptorVector } from '../embedding/descriptors.ts';
import { Quantiles } from '../embedding/quantiles.ts';
import type { Product } from '../products/product.ts';
import type { StageTimes } from '../stages.ts';
import type { CloudModel, ModelWindow } from '../../models/model.ts';

export class WindowQueue {
  readonly #model: CloudModel;
  readonly #times: StageTimes;
  readonly #quantiles: Quantiles;
  readonly #bands: number;
  readonly #plane: number;
  readonly #free: Promise<ModelWindow>[];
  #lastEnd = 0;

  constructor(model: CloudModel, product: Product, times: StageTimes) {
    const { bands } = product;
    const { patch, percentiles } = model.manifest;
    this.#model = model;
    this.#times = times;
    this.#bands = bands.length;
    this.#plane = patch * patch;
    this.#quantiles = new Quantiles(percentiles, this.#plane);
    this.#free = Array.from({ length: model.depth }, () =>
      Promise.resolve(newWindow(model, product)),
    );
  }

  /**
   * Takes one window through the network. Resolves when its buffers are handed to the network, which may be
   * long before the result is there.
   * @param fill writes the band values of the window
   * @param use receives the class probabilities (`classes × patch × patch`); they are lent until it is done
   * @returns when the result has been used
   */
  async submit(
    fill: (values: Float32Array) => void,
    use: (probabilities: Float32Array) => Promise<void>,
  ): Promise<{ readonly used: Promise<unknown> }> {
    const window = await this.#free.shift()!;
    await this.#times.time('prepare', () => {
      fill(window.values);
      this.#describe(window);
    });
    const result = this.#predict(window).then(async (done) => {
      await use(done.probabilities);
      return done;
    });
    // Whoever takes the buffer next sees the failure; until then it must not count as unhandled.
    result.catch(() => undefined);
    this.#free.push(result);
    return { used: result };
  }

  /** Resolves when nothing is under way any more, whether it succeeded or not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#free);
  }

  #describe({ values, statistics }: ModelWindow): void {
    const percentiles = statistics.length / this.#bands;
    for (let band = 0; band < this.#bands; band++) {
      const plane = values.subarray(band * this.#plane, (band + 1) * this.#plane);
      this.#quantiles.compute(plane, statistics, band * percentiles);
    }
  }

  async #predict(window: ModelWindow): Promise<ModelWindow> {
    const submitted = performance.now();
    const done = await this.#model.predict(window);
    const ended = performance.now();
    // The network takes one window after the other: waiting for its turn is not its work.
    this.#times.add('network', ended - Math.max(submitted, this.#lastEnd));
    this.#lastEnd = ended;
    return done;
  }
}

function newWindow(model: CloudModel, { bands }: Product): ModelWindow {
  const { patch, classes, descriptors, percentiles } = model.manifest;
  const described = new Float32Array(bands.length * descriptors.size);
  for (const [index, band] of bands.entries()) {
    const vector = descriptorVector(band.descriptor, descriptors.embeddings, descriptors.size);
    described.set(vector, index * descriptors.size);
  }
  return {
    values: new Float32Array(bands.length * patch * patch),
    descriptors: described,
    statistics: new Float32Array(bands.length * percentiles.length),
    probabilities: new Float32Array(classes.length * patch * patch),
  };
}
