/**
 * The plain way, as a straightforward export would have it: the sum of sines as elementwise operators inside the graph,
 * and a decode head that first brings all stages to one resolution and then mixes them. Same weights, same encoder.
 */
import { batchNorm } from '../../src/models/convert/batch-norm.ts';
import { addEncoder, type StageImage } from '../../src/models/convert/encoder-graph.ts';
import { Graph, type Value } from '../../src/models/convert/graph.ts';
import type { LayerContext } from '../../src/models/convert/layers.ts';
import { mixTransformer } from '../../src/models/convert/mix-transformer.ts';
import type { TensorSource } from '../../src/models/convert/tensor-source.ts';

const headPrefix = 'segmenter.decode_head';
const embeddingNorm = 'senseiv2.blocks.3.norm';
const epsilon = 1e-5;

export interface PlainOptions {
  /** Name of the encoder. */
  readonly segmenter: string;
  readonly patch: number;
  readonly bands: number;
  /** Channels of the band embedding. */
  readonly channels: number;
  readonly classes: number;
}

/** `values [1, bands, patch, patch]; frequency, phase, gain [bands, channels] → embedding [1, channels, patch, patch]`. */
export function plainEmbedding(options: PlainOptions, tensors: TensorSource): Graph {
  const graph = new Graph('plain-embedding');
  const { channels, patch } = options;
  graph.output('embedding', addEmbedding({ graph, tensors }, options), [1, channels, patch, patch]);
  return graph;
}

/** `embedding [1, channels, patch, patch] → probabilities [1, classes, patch, patch]`. */
export function plainSegmenter(options: PlainOptions, tensors: TensorSource): Graph {
  const graph = new Graph('plain-segmenter');
  const { channels, patch } = options;
  const embedding = graph.input('embedding', [1, channels, patch, patch]);
  addSegmenter({ graph, tensors }, embedding, options);
  return graph;
}

/** Both in one graph. */
export function plainNetwork(options: PlainOptions, tensors: TensorSource): Graph {
  const graph = new Graph('plain-network');
  const context = { graph, tensors };
  addSegmenter(context, addEmbedding(context, options), options);
  return graph;
}

/** Σ gain · sin(frequency · (x + phase)) over the bands, one after the other, and the BatchNorm behind it. */
function addEmbedding({ graph, tensors }: LayerContext, options: PlainOptions): Value {
  const { bands, channels, patch } = options;
  const values = graph.input('values', [1, bands, patch, patch]);
  const [frequency, phase, gain] = ['frequency', 'phase', 'gain'].map((name) => {
    const given = graph.input(name, [bands, channels]);
    const shape = graph.integers([bands, channels, 1, 1]);
    return graph.node('Reshape', [given, shape]);
  }) as [Value, Value, Value];
  const terms = Array.from({ length: bands }, (_, band) => {
    const row = (value: Value, axis: number): Value => {
      const [from, to, along] = [[band], [band + 1], [axis]].map((each) => graph.integers(each));
      return graph.node('Slice', [value, from ?? '', to ?? '', along ?? '']);
    };
    const moved = graph.node('Add', [row(values, 1), row(phase, 0)]);
    const wave = graph.node('Sin', [graph.node('Mul', [moved, row(frequency, 0)])]);
    return graph.node('Mul', [wave, row(gain, 0)]);
  });
  const sum = terms.reduce((total, term) => graph.node('Add', [total, term]));
  return addNorm({ graph, tensors }, sum, embeddingNorm, channels);
}

function addSegmenter(context: LayerContext, embedding: Value, options: PlainOptions): void {
  const { graph } = context;
  const { patch, channels, classes } = options;
  const encoder = mixTransformer(options.segmenter);
  const input = { value: embedding, batch: 1, channels, side: patch };
  const images = addEncoder(context, input, encoder);
  const logits = addHead(context, images, encoder.decoder, classes);
  const full = resized(graph, logits, [1, classes, patch, patch]);
  const probabilities = graph.node('Softmax', [full], { axis: 1 });
  graph.output('probabilities', probabilities, [1, classes, patch, patch]);
}

/** Projects each stage, enlarges it, concatenates last to first, fuses, normalises, classifies. */
function addHead(
  context: LayerContext,
  images: readonly StageImage[],
  width: number,
  classes: number,
): Value {
  const { graph, tensors } = context;
  const finest = images[0]?.side ?? 0;
  const stages = images.map(({ value, channels, side }, stage) => {
    const name = `${headPrefix}.linear_c.${stage}.proj`;
    const weight = tensors.take(`${name}.weight`, [width, channels]);
    const bias = tensors.take(`${name}.bias`, [width]);
    const projected = addMix(graph, value, { weight, bias, inputs: channels, outputs: width });
    return side === finest ? projected : resized(graph, projected, [1, width, finest, finest]);
  });
  const all = graph.node('Concat', stages.toReversed(), { axis: 1 });
  const inputs = stages.length * width;
  const fuse = tensors.take(`${headPrefix}.linear_fuse.weight`, [width, inputs, 1, 1]);
  const fused = addMix(graph, all, { weight: fuse, inputs, outputs: width });
  const active = graph.node('Relu', [addNorm(context, fused, `${headPrefix}.batch_norm`, width)]);
  const weight = tensors.take(`${headPrefix}.classifier.weight`, [classes, width, 1, 1]);
  const bias = tensors.take(`${headPrefix}.classifier.bias`, [classes]);
  return addMix(graph, active, { weight, bias, inputs: width, outputs: classes });
}

interface Mix {
  readonly weight: Float32Array;
  readonly bias?: Float32Array;
  readonly inputs: number;
  readonly outputs: number;
}

/** A 1 × 1 convolution. */
function addMix(graph: Graph, x: Value, { weight, bias, inputs, outputs }: Mix): Value {
  const kernel = graph.constant(weight, [outputs, inputs, 1, 1]);
  const given = bias === undefined ? [x, kernel] : [x, kernel, graph.constant(bias, [outputs])];
  return graph.node('Conv', given, { kernel_shape: [1, 1] });
}

function addNorm(
  { graph, tensors }: LayerContext,
  x: Value,
  prefix: string,
  channels: number,
): Value {
  const parts = ['weight', 'bias', 'running_mean', 'running_var'].map((name) =>
    graph.constant(tensors.take(`${prefix}.${name}`, [channels]), [channels]),
  );
  return graph.node('BatchNormalization', [x, ...parts], { epsilon: { float: epsilon } });
}

/** Bilinear, pixel centres at half coordinates. */
function resized(graph: Graph, value: Value, shape: readonly number[]): Value {
  return graph.node('Resize', [value, '', '', graph.integers(shape)], {
    mode: 'linear',
    coordinate_transformation_mode: 'half_pixel',
  });
}

/** The gain as the network's head gives it: the descriptor network has the scale of the BatchNorm in it already. */
export function unscaledGain(
  gain: Float32Array,
  channels: number,
  tensors: TensorSource,
): Float32Array<ArrayBuffer> {
  const { scale } = batchNorm(tensors, embeddingNorm, channels);
  return Float32Array.from(gain, (value, i) => value / (scale[i % channels] ?? 1));
}
