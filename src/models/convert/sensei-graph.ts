/**
 * The descriptor branch of SEnSeIv2: what the network knows of each band (descriptor and quantiles) becomes
 * frequency, phase and gain of its sines. Tiny, one row per band; any number of bands.
 */
import { CheckpointRefused } from '../../errors.ts';
import { batchNorm } from './batch-norm.ts';
import type { SenseiBlock, SenseiConfiguration } from './configuration.ts';
import { Graph, type Value } from './graph.ts';
import { affine, layerNorm, linear, type LayerContext } from './layers.ts';
import { apply, matrix, multiply } from './matrix.ts';
import type { TensorSource } from './tensor-source.ts';

type Block<Type extends SenseiBlock['type']> = Extract<SenseiBlock, { type: Type }>;

/** A value and the size of its last axis. */
interface Features {
  readonly value: Value;
  readonly size: number;
}

/**
 * Builds the graph `descriptors [bands, size], statistics [bands, percentiles] →
 * frequency, phase, gain [bands, channels], shift [channels]`. The BatchNorm behind the embedding is folded
 * into gain and shift. Without GLOBAL_STATS the statistics are taken and not used.
 */
export function buildSensei(configuration: SenseiConfiguration, tensors: TensorSource): Graph {
  const graph = new Graph('senseiv2');
  const context: LayerContext = { graph, tensors };
  const { size } = configuration.descriptors;
  const statistics = graph.input('statistics', ['bands', 'percentiles']);
  let features: Features = { value: graph.input('descriptors', ['bands', size]), size };
  for (const [index, block] of configuration.blocks.entries()) {
    const prefix = `senseiv2.blocks.${index}`;
    switch (block.type) {
      case 'GLOBAL_STATS':
        features = {
          value: graph.node('Concat', [features.value, statistics], { axis: 1 }),
          size: features.size + block.percentiles.length,
        };
        break;
      case 'FCL':
        features = fullyConnected(context, features, block, prefix);
        break;
      case 'ATTENTION':
        features = attention(context, features, block, prefix);
        break;
      case 'BAND_EMBEDDING':
        bandEmbedding(context, features, block, prefix);
        break;
    }
  }
  return graph;
}

/** LayerNorm → ReLU → Linear for each layer. With skips the Linear's output is added to itself: doubled. */
function fullyConnected(
  context: LayerContext,
  features: Features,
  block: Block<'FCL'>,
  prefix: string,
): Features {
  const { graph } = context;
  return block.layerSizes.reduce<Features>((input, outputs, layer) => {
    const at = (offset: number): string => `${prefix}.layers.${4 * layer + offset}`;
    const normed = layerNorm(context, input.value, at(0), input.size);
    const active = graph.node('Relu', [normed]);
    const value = linear(context, active, at(2), { inputs: input.size, outputs });
    return { value: block.skipsAdd ? graph.node('Add', [value, value]) : value, size: outputs };
  }, features);
}

/**
 * Post-norm encoder layers in their batch-1 form: over a sequence of one, attention is its value and output
 * projection, so queries and keys fall away and both projections become one matrix.
 */
function attention(
  context: LayerContext,
  features: Features,
  block: Block<'ATTENTION'>,
  prefix: string,
): Features {
  const { graph, tensors } = context;
  const { size } = features;
  if (size !== block.heads * block.dimensionsPerHead) {
    throw new CheckpointRefused(
      `${prefix} attends over ${block.heads} × ${block.dimensionsPerHead} features but gets ${size}.`,
    );
  }
  let { value } = features;
  for (let layer = 0; layer < block.layers; layer++) {
    const at = `${prefix}.layers.${layer}`;
    const attended = affine(graph, value, {
      ...attentionOfOne(tensors, `${at}.self_attn`, size),
      inputs: size,
      outputs: size,
    });
    const first = layerNorm(context, graph.node('Add', [value, attended]), `${at}.norm1`, size);
    const inner = block.intermediateSize;
    const hidden = linear(context, first, `${at}.linear1`, { inputs: size, outputs: inner });
    const active = graph.node('Relu', [hidden]);
    const fed = linear(context, active, `${at}.linear2`, { inputs: inner, outputs: size });
    value = layerNorm(context, graph.node('Add', [first, fed]), `${at}.norm2`, size);
  }
  return { value, size };
}

function attentionOfOne(
  tensors: TensorSource,
  prefix: string,
  size: number,
): { weight: Float64Array; bias: Float64Array } {
  const projection = tensors.take(`${prefix}.in_proj_weight`, [3 * size, size]);
  const projectionBias = tensors.take(`${prefix}.in_proj_bias`, [3 * size]);
  const out = matrix(size, size, tensors.take(`${prefix}.out_proj.weight`, [size, size]));
  const outBias = tensors.take(`${prefix}.out_proj.bias`, [size]);
  // Rows of the values lie behind those of queries and keys.
  const value = matrix(size, size, projection.subarray(2 * size * size));
  const bias = apply(out, projectionBias.subarray(2 * size)).map((b, i) => b + (outBias[i] ?? 0));
  return { weight: multiply(out, value).data, bias };
}

function bandEmbedding(
  context: LayerContext,
  features: Features,
  block: Block<'BAND_EMBEDDING'>,
  prefix: string,
): void {
  const { graph, tensors } = context;
  const channels = block.dimensions;
  const head = (name: string): Value => {
    const sizes = [...block.headLayerSizes, channels];
    return sizes.reduce<Features>((input, outputs, layer) => {
      const at = (offset: number): string => `${prefix}.${name}.layers.${3 * layer + offset}`;
      const normed = layerNorm(context, input.value, at(0), input.size);
      const active = graph.node('Relu', [normed]);
      return {
        value: linear(context, active, at(2), { inputs: input.size, outputs }),
        size: outputs,
      };
    }, features).value;
  };
  const { scale, shift } = block.normalize
    ? batchNorm(tensors, `${prefix}.norm`, channels)
    : { scale: new Float64Array(channels).fill(1), shift: new Float64Array(channels) };
  const scaled = graph.node('Mul', [
    head('gain_head'),
    graph.constant(Float32Array.from(scale), [channels]),
  ]);
  graph.output('frequency', head('frequency_head'), ['bands', channels]);
  graph.output('phase', head('phase_offset_head'), ['bands', channels]);
  graph.output('gain', scaled, ['bands', channels]);
  graph.output('shift', graph.constant(Float32Array.from(shift), [channels]), [channels]);
}
