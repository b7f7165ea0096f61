/** The blocks of a SEnSeIv2 file: each a reader and the keys that it knows. */
import type { SenseiBlock } from './configuration.ts';
import { found, type Fields } from './configuration-fields.ts';

interface BlockType {
  /** Keys beside `type`; another one would change the network in a way that is not known here. */
  readonly keys: readonly string[];
  readonly read: (block: Fields) => SenseiBlock;
}

const isWidth = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 8192;

const blockTypes: ReadonlyMap<string, BlockType> = new Map<string, BlockType>([
  [
    'GLOBAL_STATS',
    {
      keys: ['percentiles'],
      read: (block) => ({
        type: 'GLOBAL_STATS',
        percentiles: block.numbers('percentiles', (q) => q >= 0 && q <= 1, 'numbers from 0 to 1'),
      }),
    },
  ],
  [
    'FCL',
    {
      keys: ['layer_sizes', 'skips'],
      read: (block) => ({
        type: 'FCL',
        layerSizes: block.numbers('layer_sizes', isWidth, 'layer widths'),
        skipsAdd: readSkips(block),
      }),
    },
  ],
  [
    'ATTENTION',
    {
      // `skips` is without effect in the reference, `dropout` without effect in inference.
      keys: [
        'num_transformerencoders',
        'num_heads',
        'dims_per_head',
        'intermediate_size',
        'skips',
        'dropout',
      ],
      read: (block) => ({
        type: 'ATTENTION',
        layers: block.integer('num_transformerencoders', 1, 64),
        heads: block.integer('num_heads', 1, 64),
        dimensionsPerHead: block.integer('dims_per_head', 1, 1024),
        intermediateSize: block.integer('intermediate_size', 1, 8192),
      }),
    },
  ],
  [
    'BAND_EMBEDDING',
    {
      keys: ['embedding_dims', 'head_layer_sizes', 'skips_heads', 'normalize'],
      read: (block) => {
        block.only('skips_heads', block.value('skips_heads') === undefined ? null : false);
        return {
          type: 'BAND_EMBEDDING',
          dimensions: block.integer('embedding_dims', 1, 1024),
          headLayerSizes: block.numbers('head_layer_sizes', isWidth, 'layer widths'),
          normalize: block.boolean('normalize'),
        };
      },
    },
  ],
]);

/** The order that the graph builder knows; those with `?` may be left out. */
const order = 'GLOBAL_STATS?, FCL, ATTENTION?, BAND_EMBEDDING';

/** All blocks; faults go to `document`. */
export function readBlocks(document: Fields): readonly SenseiBlock[] {
  const blocks = document.list('blocks').flatMap((block) => {
    const name = block.value('type');
    const type = blockTypes.get(String(name));
    if (type === undefined) {
      const known = [...blockTypes.keys()].join(', ');
      block.fault('type', `found ${found(name)}; supported: ${known}`);
      return [];
    }
    const unknown = block.keys().filter((key) => key !== 'type' && !type.keys.includes(key));
    for (const key of unknown) block.fault(key, `not supported in ${String(name)}`);
    return [type.read(block)];
  });
  const names = blocks.map((block) => block.type).join(', ');
  if (!/^(GLOBAL_STATS, )?FCL, (ATTENTION, )?BAND_EMBEDDING$/.test(names)) {
    document.fault('blocks', `found ${names || 'none'}; supported in this order: ${order}`);
  }
  return blocks;
}

function readSkips(block: Fields): boolean {
  const skips = block.value('skips') ?? false;
  if (skips !== false && skips !== 'add') {
    block.fault('skips', `found ${found(skips)}; supported: add, false`);
  }
  return skips === 'add';
}
