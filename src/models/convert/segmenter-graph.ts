/**
 * The segmenter: encoder, decode head, upsampling and softmax in one graph of fixed shapes.
 *
 * The decode head is folded. Bilinear upsampling acts on each channel with weights that sum to 1, so it
 * commutes with 1 × 1 convolutions: projection, fusion and BatchNorm become one matrix for each stage, applied at
 * the stage's own resolution. Up to rounding the result is the same, for a twentieth of the head's work.
 */
import { batchNorm } from './batch-norm.ts';
import { addEncoder, type StageImage } from './encoder-graph.ts';
import { Graph, type Value } from './graph.ts';
import type { LayerContext } from './layers.ts';
import { apply, matrix, multiply, scaleRows, sliceColumns, type Matrix } from './matrix.ts';
import { mixTransformer } from './mix-transformer.ts';
import type { TensorSource } from './tensor-source.ts';

const headPrefix = 'segmenter.decode_head';

export interface SegmenterOptions {
  /** Name of the encoder, for example `nvidia/mit-b2`. */
  readonly segmenter: string;
  /** Side of a window, a multiple of 32. */
  readonly patch: number;
  /** Channels of the band embedding. */
  readonly channels: number;
  readonly classes: number;
  readonly batch: number;
  /** Adds the output `logits` `[batch, classes, patch/4, patch/4]`, for tests. */
  readonly withLogits?: boolean;
}

/** Builds `embedding [batch, channels, patch, patch] → probabilities [batch, classes, patch, patch]`. */
export function buildSegmenter(options: SegmenterOptions, tensors: TensorSource): Graph {
  const { patch, channels, classes, batch } = options;
  const encoder = mixTransformer(options.segmenter);
  const graph = new Graph('segformer');
  const context: LayerContext = { graph, tensors };
  const value = graph.input('embedding', [batch, channels, patch, patch]);
  const images = addEncoder(context, { value, batch, channels, side: patch }, encoder);
  const logits = addDecodeHead(context, images, encoder.decoder, classes);
  const side = images[0]?.side ?? 0;
  if (options.withLogits === true) {
    graph.output('logits', logits, [batch, classes, side, side]);
  }
  const full = upsampled(graph, logits, [batch, classes, patch, patch]);
  const probabilities = graph.node('Softmax', [full], { axis: 1 });
  graph.output('probabilities', probabilities, [batch, classes, patch, patch]);
  return graph;
}

function addDecodeHead(
  context: LayerContext,
  images: readonly StageImage[],
  width: number,
  classes: number,
): Value {
  const { graph, tensors } = context;
  const folded = foldHead(tensors, images, width);
  const finest = images[0]?.side ?? 0;
  const parts = images.map((image, stage) => {
    const { weight, bias } = folded[stage] ?? { weight: new Float32Array(), bias: undefined };
    const inputs = [image.value, graph.constant(weight, [width, image.channels, 1, 1])];
    if (bias !== undefined) inputs.push(graph.constant(bias, [width]));
    const mixed = graph.node('Conv', inputs, { kernel_shape: [1, 1] });
    return image.side === finest ? mixed : upsampled(graph, mixed, [1, width, finest, finest]);
  });
  const sum = parts.reduce((total, part) => graph.node('Add', [total, part]));
  const weight = tensors.take(`${headPrefix}.classifier.weight`, [classes, width, 1, 1]);
  const bias = tensors.take(`${headPrefix}.classifier.bias`, [classes]);
  return graph.node(
    'Conv',
    [
      graph.node('Relu', [sum]),
      graph.constant(weight, [classes, width, 1, 1]),
      graph.constant(bias, [classes]),
    ],
    { kernel_shape: [1, 1] },
  );
}

interface FoldedStage {
  /** `width × channels` of the stage. */
  readonly weight: Float32Array;
  /** On the finest stage only: what all biases and the BatchNorm add. */
  readonly bias: Float32Array | undefined;
}

/** M = diag(s) · F · L for each stage, and c = s ⊙ Σ F · b + t, in float64. */
function foldHead(
  tensors: TensorSource,
  images: readonly StageImage[],
  width: number,
): FoldedStage[] {
  const count = images.length;
  const norm = batchNorm(tensors, `${headPrefix}.batch_norm`, width);
  const fuse = matrix(
    width,
    count * width,
    tensors.take(`${headPrefix}.linear_fuse.weight`, [width, count * width, 1, 1]),
  );
  const constant = norm.shift.slice();
  const weights = images.map(({ channels }, stage) => {
    const name = `${headPrefix}.linear_c.${stage}.proj`;
    const project = matrix(width, channels, tensors.take(`${name}.weight`, [width, channels]));
    const bias = tensors.take(`${name}.bias`, [width]);
    // The stages are fused in the order last to first.
    const part: Matrix = sliceColumns(fuse, (count - 1 - stage) * width, width);
    for (const [i, added] of apply(part, bias).entries()) {
      constant[i] = (constant[i] ?? 0) + (norm.scale[i] ?? 0) * added;
    }
    return Float32Array.from(scaleRows(multiply(part, project), norm.scale).data);
  });
  return weights.map((weight, stage) => ({
    weight,
    bias: stage === 0 ? Float32Array.from(constant) : undefined,
  }));
}

/** Bilinear, pixel centres at half coordinates (PyTorch's `align_corners=False`). */
function upsampled(graph: Graph, value: Value, shape: readonly number[]): Value {
  return graph.node('Resize', [value, '', '', graph.integers(shape)], {
    mode: 'linear',
    coordinate_transformation_mode: 'half_pixel',
  });
}
