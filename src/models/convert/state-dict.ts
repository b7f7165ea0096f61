/** The tensors of a checkpoint by name, as the reader gives them and the graph builder takes them. */

export interface CheckpointTensor {
  readonly shape: readonly number[];
  /** Type in the file; the values are float32 whatever it was (integers exact up to 2²⁴). */
  readonly dtype:
    'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'uint8' | 'bool';
  /** Row-major, contiguous. */
  readonly data: Float32Array;
}

export type StateDict = ReadonlyMap<string, CheckpointTensor>;
