/** SEnSeIv2-medium with SegFormer MiT-B2 and seven classes: the architecture that everything is measured with. */
import type { ModelConfiguration } from '../../src/models/convert/configuration.ts';

const percentiles = [0.01, 0.1, 0.5, 0.9, 0.99];

export const classes = ['land', 'water', 'snow', 'thin', 'thick', 'shadow', 'no data'] as const;

/** Channels of the band embedding. */
export const channels = 32;

export const configuration: ModelConfiguration = {
  name: 'random weights in the official architecture',
  patch: 512,
  classes: classes.length,
  segmenter: 'nvidia/mit-b2',
  sensei: {
    name: 'senseiv2-medium',
    descriptors: { style: 'SEnSeIv2', embeddings: 32, size: 74 },
    blocks: [
      { type: 'GLOBAL_STATS', percentiles },
      { type: 'FCL', layerSizes: [128, 128, 128], skipsAdd: true },
      { type: 'ATTENTION', layers: 2, heads: 4, dimensionsPerHead: 32, intermediateSize: 256 },
      { type: 'BAND_EMBEDDING', dimensions: channels, headLayerSizes: [128], normalize: true },
    ],
  },
};

export { percentiles };
