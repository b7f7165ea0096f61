/** SegFormer's encoder: four stages of overlapping patches and transformer blocks, fixed shapes. */
import type { Graph, Value } from './graph.ts';
import { layerNorm, linear, type LayerContext } from './layers.ts';
import { mlpRatio, stages, type MixTransformer } from './mix-transformer.ts';

const encoderPrefix = 'segmenter.segformer.encoder';

/** One resolution of the encoder. Tokens are `[batch, side², channels]`, images `[batch, channels, side, side]`. */
interface Stage {
  readonly index: number;
  readonly batch: number;
  readonly channels: number;
  /** Rows and columns. */
  readonly side: number;
  readonly heads: number;
  readonly reduction: number;
}

/** Output of a stage as an image. */
export interface StageImage {
  readonly value: Value;
  readonly channels: number;
  readonly side: number;
}

export interface EncoderInput {
  readonly value: Value;
  readonly batch: number;
  readonly channels: number;
  /** Rows and columns, a multiple of 32. */
  readonly side: number;
}

/** Adds the encoder to the graph; the four images are those that the decode head takes. */
export function addEncoder(
  context: LayerContext,
  input: EncoderInput,
  encoder: MixTransformer,
): StageImage[] {
  let image: StageImage = input;
  return encoder.depths.map((depth, index) => {
    image = addStage(context, image, { index, depth, batch: input.batch, encoder });
    return image;
  });
}

function addStage(
  context: LayerContext,
  input: StageImage,
  plan: { index: number; depth: number; batch: number; encoder: MixTransformer },
): StageImage {
  const { index, batch } = plan;
  const geometry = stages[index];
  const channels = plan.encoder.channels[index];
  if (geometry === undefined || channels === undefined) throw new Error(`No stage ${index}.`);
  const { kernel, stride, heads, reduction } = geometry;
  const stage: Stage = { index, batch, channels, side: input.side / stride, heads, reduction };
  const patches = convolution(
    context,
    input.value,
    `${encoderPrefix}.patch_embeddings.${index}.proj`,
    {
      inputs: input.channels,
      outputs: channels,
      kernel,
      stride,
      padding: Math.floor(kernel / 2),
    },
  );
  let tokens = layerNorm(
    context,
    toTokens(context.graph, patches, stage),
    `${encoderPrefix}.patch_embeddings.${index}.layer_norm`,
    channels,
  );
  for (let block = 0; block < plan.depth; block++) {
    tokens = addBlock(context, tokens, stage, `${encoderPrefix}.block.${index}.${block}`);
  }
  const normed = layerNorm(context, tokens, `${encoderPrefix}.layer_norm.${index}`, channels);
  return { value: toImage(context.graph, normed, stage), channels, side: stage.side };
}

function addBlock(context: LayerContext, x: Value, stage: Stage, prefix: string): Value {
  const { graph } = context;
  const { channels } = stage;
  const first = layerNorm(context, x, `${prefix}.layer_norm_1`, channels);
  const attended = graph.node('Add', [
    x,
    addAttention(context, first, stage, `${prefix}.attention`),
  ]);
  const second = layerNorm(context, attended, `${prefix}.layer_norm_2`, channels);
  return graph.node('Add', [attended, addMlp(context, second, stage, `${prefix}.mlp`)]);
}

/** Attention of all pixels to a grid of keys and values that is `reduction` times coarser. */
function addAttention(context: LayerContext, x: Value, stage: Stage, prefix: string): Value {
  const { graph } = context;
  const { batch, channels, side, heads, reduction } = stage;
  const size = { inputs: channels, outputs: channels };
  const width = channels / heads;
  const coarse = reduction === 1 ? x : reduced(context, x, stage, `${prefix}.self`);
  const coarseTokens = (side / reduction) ** 2;
  const split = (value: Value, tokens: number, order: readonly number[]): Value => {
    const shape = graph.integers([batch, tokens, heads, width]);
    return graph.node('Transpose', [graph.node('Reshape', [value, shape])], { perm: order });
  };
  const project = (value: Value, name: string): Value =>
    linear(context, value, `${prefix}.self.${name}`, size);
  const query = split(project(x, 'query'), side * side, [0, 2, 1, 3]);
  const key = split(project(coarse, 'key'), coarseTokens, [0, 2, 3, 1]);
  const value = split(project(coarse, 'value'), coarseTokens, [0, 2, 1, 3]);
  const scale = graph.constant(Float32Array.of(1 / Math.sqrt(width)), []);
  const scores = graph.node('Mul', [graph.node('MatMul', [query, key]), scale]);
  const weights = graph.node('Softmax', [scores], { axis: -1 });
  const heard = graph.node('Transpose', [graph.node('MatMul', [weights, value])], {
    perm: [0, 2, 1, 3],
  });
  const joined = graph.node('Reshape', [heard, graph.integers([batch, side * side, channels])]);
  return linear(context, joined, `${prefix}.output.dense`, size);
}

/** The coarser grid: a strided convolution and a LayerNorm. */
function reduced(context: LayerContext, x: Value, stage: Stage, prefix: string): Value {
  const { graph } = context;
  const { channels, reduction } = stage;
  const image = convolution(context, toImage(graph, x, stage), `${prefix}.sr`, {
    inputs: channels,
    outputs: channels,
    kernel: reduction,
    stride: reduction,
    padding: 0,
  });
  const coarse = { ...stage, side: stage.side / reduction };
  return layerNorm(context, toTokens(graph, image, coarse), `${prefix}.layer_norm`, channels);
}

/** Linear, depthwise 3 × 3 convolution, exact GELU, Linear. */
function addMlp(context: LayerContext, x: Value, stage: Stage, prefix: string): Value {
  const { graph, tensors } = context;
  const { channels } = stage;
  const hidden = channels * mlpRatio;
  const wide = linear(context, x, `${prefix}.dense1`, { inputs: channels, outputs: hidden });
  const wideStage = { ...stage, channels: hidden };
  const kernel = tensors.take(`${prefix}.dwconv.dwconv.weight`, [hidden, 1, 3, 3]);
  const bias = tensors.take(`${prefix}.dwconv.dwconv.bias`, [hidden]);
  const mixed = graph.node(
    'Conv',
    [
      toImage(graph, wide, wideStage),
      graph.constant(kernel, [hidden, 1, 3, 3]),
      graph.constant(bias, [hidden]),
    ],
    { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1], group: hidden },
  );
  const active = graph.node('Gelu', [mixed], { approximate: 'none' });
  const tokens = toTokens(graph, active, wideStage);
  return linear(context, tokens, `${prefix}.dense2`, { inputs: hidden, outputs: channels });
}

interface Convolution {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

function convolution(
  { graph, tensors }: LayerContext,
  x: Value,
  prefix: string,
  { inputs, outputs, kernel, stride, padding }: Convolution,
): Value {
  const shape = [outputs, inputs, kernel, kernel];
  const weight = graph.constant(tensors.take(`${prefix}.weight`, shape), shape);
  const bias = graph.constant(tensors.take(`${prefix}.bias`, [outputs]), [outputs]);
  return graph.node('Conv', [x, weight, bias], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  });
}

function toTokens(graph: Graph, image: Value, { batch, channels, side }: Stage): Value {
  const flat = graph.node('Reshape', [image, graph.integers([batch, channels, side * side])]);
  return graph.node('Transpose', [flat], { perm: [0, 2, 1] });
}

function toImage(graph: Graph, tokens: Value, { batch, channels, side }: Stage): Value {
  const turned = graph.node('Transpose', [tokens], { perm: [0, 2, 1] });
  return graph.node('Reshape', [turned, graph.integers([batch, channels, side, side])]);
}
