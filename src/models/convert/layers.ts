/** Layers that both networks use, from the tensors of a checkpoint. */
import type { Graph, Value } from './graph.ts';
import { transposed } from './matrix.ts';
import type { TensorSource } from './tensor-source.ts';

/** Epsilon of every LayerNorm of the architecture; the configuration's 1e-6 is not what its code uses. */
const epsilon = 1e-5;

export interface LayerContext {
  readonly graph: Graph;
  readonly tensors: TensorSource;
}

/** LayerNorm over the last axis of `features`. */
export function layerNorm(
  { graph, tensors }: LayerContext,
  x: Value,
  prefix: string,
  features: number,
): Value {
  const weight = graph.constant(tensors.take(`${prefix}.weight`, [features]), [features]);
  const bias = graph.constant(tensors.take(`${prefix}.bias`, [features]), [features]);
  return graph.node('LayerNormalization', [x, weight, bias], {
    axis: -1,
    epsilon: { float: epsilon },
  });
}

/** x · Wᵀ + b over the last axis. PyTorch keeps W as outputs × inputs. */
export function linear(
  { graph, tensors }: LayerContext,
  x: Value,
  prefix: string,
  size: { readonly inputs: number; readonly outputs: number },
): Value {
  const { inputs, outputs } = size;
  const weight = tensors.take(`${prefix}.weight`, [outputs, inputs]);
  const bias = tensors.take(`${prefix}.bias`, [outputs]);
  return affine(graph, x, { weight, bias, ...size });
}

/** x · Wᵀ + b for weights that are at hand. */
export function affine(
  graph: Graph,
  x: Value,
  layer: {
    readonly weight: ArrayLike<number>;
    readonly bias: ArrayLike<number>;
    readonly inputs: number;
    readonly outputs: number;
  },
): Value {
  const { inputs, outputs } = layer;
  const weight = graph.constant(transposed(outputs, inputs, layer.weight), [inputs, outputs]);
  const bias = graph.constant(Float32Array.from(layer.bias), [outputs]);
  return graph.node('Add', [graph.node('MatMul', [x, weight]), bias]);
}
