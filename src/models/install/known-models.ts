/** Models that can be added by their name alone. */
import type { ModelConfiguration } from '../convert/configuration.ts';

export interface KnownModel {
  readonly id: string;
  readonly title: string;
  /** Where its checkpoint is. */
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly licence: string;
  /** As in `model.json`. */
  readonly trainedOn: readonly string[];
  readonly configuration: ModelConfiguration;
}

/** Folder of the official checkpoints. `--from <url>` takes another place. */
const officialFolder = 'https://huggingface.co/aliFrancis/SEnSeIv2/resolve/main';

/** The configuration that was published with the official weights. */
export const officialConfiguration: ModelConfiguration = {
  name: 'SEnSeIv2-SegFormerB2-alldata-ambiguous',
  patch: 512,
  classes: 7,
  segmenter: 'nvidia/mit-b2',
  sensei: {
    name: 'senseiv2-medium',
    descriptors: { style: 'SEnSeIv2', embeddings: 32, size: 74 },
    blocks: [
      { type: 'GLOBAL_STATS', percentiles: [0.01, 0.1, 0.5, 0.9, 0.99] },
      { type: 'FCL', layerSizes: [128, 128, 128], skipsAdd: true },
      {
        type: 'ATTENTION',
        layers: 2,
        heads: 4,
        dimensionsPerHead: 32,
        intermediateSize: 256,
      },
      { type: 'BAND_EMBEDDING', dimensions: 32, headLayerSizes: [128], normalize: true },
    ],
  },
};

export const knownModels: readonly KnownModel[] = [
  {
    id: 'senseiv2-segformerb2-alldata-ambiguous',
    title: 'SEnSeIv2-SegFormerB2-alldata-ambiguous (official weights)',
    url: `${officialFolder}/${officialConfiguration.name}/weights.pt`,
    bytes: 111_716_650,
    sha256: 'f43a0c23eb4b22cf09c1c0d59fc3d2f050f164f7c1a43f18e4974458926c57d9',
    licence: 'GPL-3.0',
    trainedOn: ['L1'],
    configuration: officialConfiguration,
  },
];
