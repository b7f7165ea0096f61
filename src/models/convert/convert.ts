/** From the tensors of a checkpoint to the files of a model. */
import { CheckpointRefused } from '../../errors.ts';
import { modelFiles } from '../model-files.ts';
import type { ModelConfiguration } from './configuration.ts';
import { buildSegmenter } from './segmenter-graph.ts';
import { buildSensei } from './sensei-graph.ts';
import type { StateDict } from './state-dict.ts';
import { TensorSource } from './tensor-source.ts';

export interface ConvertedModel {
  /** Bytes by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly summary: {
    /** Values of the checkpoint that went in. */
    readonly parameters: number;
    readonly architecture: { readonly sensei: string; readonly segmenter: string };
    /** Channels between the two networks. */
    readonly embeddingChannels: number;
  };
}

/**
 * Builds the graphs for the architecture that the configuration names.
 * @throws CheckpointRefused when a tensor is missing, of another shape, or unknown
 */
export function convertCheckpoint(
  tensors: StateDict,
  configuration: ModelConfiguration,
): ConvertedModel {
  const source = new TensorSource(tensors);
  const embedding = configuration.sensei.blocks.at(-1);
  if (embedding?.type !== 'BAND_EMBEDDING') {
    throw new CheckpointRefused(
      'The last block of the SEnSeIv2 configuration has to be BAND_EMBEDDING.',
    );
  }
  const sensei = buildSensei(configuration.sensei, source);
  const segmenter = buildSegmenter(
    {
      segmenter: configuration.segmenter,
      patch: configuration.patch,
      channels: embedding.dimensions,
      classes: configuration.classes,
      batch: 1,
    },
    source,
  );
  source.finish();
  return {
    files: new Map([
      [modelFiles.sensei, sensei.encode()],
      [modelFiles.segmenter, segmenter.encode()],
    ]),
    summary: {
      parameters: source.parameters,
      architecture: { sensei: configuration.sensei.name, segmenter: configuration.segmenter },
      embeddingChannels: embedding.dimensions,
    },
  };
}
