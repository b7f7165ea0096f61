/** The contract between the pipeline and whatever runs the network. */
import type { ModelManifest } from './manifest.ts';

/** One window, ready for the network. Buffers are lent: they come back with the prediction. */
export interface ModelWindow {
  /** Values of the bands, `bands × patch × patch`, reflectance or normalised brightness temperature. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Descriptor vectors, `bands × descriptors.size`. */
  readonly descriptors: Float32Array<ArrayBuffer>;
  /** Quantiles of each band over the window, `bands × percentiles`. */
  readonly statistics: Float32Array<ArrayBuffer>;
  /** Receives the class probabilities, `classes × patch × patch`. */
  readonly probabilities: Float32Array<ArrayBuffer>;
}

/** A loaded network. */
export interface CloudModel {
  readonly manifest: ModelManifest;
  /** SHA-256 of the network's file, for the results. */
  readonly sha256: string;
  /** Where the network runs. */
  readonly device: string;
  /** For the operator: why it does not run where it should. Absent when all is well. */
  readonly warning?: string;
  /** Windows that should be under way at once to keep it busy. */
  readonly depth: number;
  /**
   * Runs one window. The buffers of `window` must not be touched until the promise resolves; the returned
   * window holds the same memory with `probabilities` filled in. Windows are answered in order.
   */
  predict(window: ModelWindow): Promise<ModelWindow>;
  /** Frees threads and memory. */
  close(): Promise<void>;
}
