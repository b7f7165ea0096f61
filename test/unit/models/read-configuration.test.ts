import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../src/models/convert/read-configuration.ts';
import { officialConfiguration } from '../../../src/models/install/known-models.ts';
import { withFolder } from '../../support/folder.ts';
import { describeWithShared, sharedPath } from '../../support/shared.ts';

const config = `NAME: a model
PATCH_SIZE: 64
SEnSeIv2: 'somewhere/else/small.yaml'
MODEL_TYPE: Segformer
SEGFORMER_CONFIG: nvidia/mit-b0
CLASSES: 7
MULTIMODAL: false
NUM_CHANNELS: null
LOSS: anything
`;

const sensei = `descriptors: {style: SEnSeIv2, N_embeddings: 32, final_size: 74}
blocks:
  - {type: FCL, layer_sizes: [128, 32]}
  - {type: BAND_EMBEDDING, embedding_dims: 32, head_layer_sizes: [64], skips_heads: false, normalize: true}
`;

function read(configText = config, senseiText: string | undefined = sensei) {
  return withFolder(async (folder) => {
    await writeFile(join(folder, 'config.yaml'), configText);
    if (senseiText !== '') await writeFile(join(folder, 'small.yaml'), senseiText);
    return readConfiguration(folder);
  });
}

describe('readConfiguration', () => {
  it('reads both files, the second by its base name beside the first', async () => {
    expect(await read()).toEqual({
      name: 'a model',
      patch: 64,
      classes: 7,
      segmenter: 'nvidia/mit-b0',
      sensei: {
        name: 'small',
        descriptors: { style: 'SEnSeIv2', embeddings: 32, size: 74 },
        blocks: [
          { type: 'FCL', layerSizes: [128, 32], skipsAdd: false },
          { type: 'BAND_EMBEDDING', dimensions: 32, headLayerSizes: [64], normalize: true },
        ],
      },
    });
  });

  it.each<[string, string, RegExp]>([
    [
      'MODEL_TYPE: Segformer',
      'MODEL_TYPE: DeepLabv3+',
      /MODEL_TYPE: found "DeepLabv3\+"; supported: Segformer/,
    ],
    ['MULTIMODAL: false', 'MULTIMODAL: true', /MULTIMODAL: found true; supported: false/],
    ['NUM_CHANNELS: null', 'NUM_CHANNELS: 13', /NUM_CHANNELS: found 13; supported: null/],
    ['PATCH_SIZE: 64', 'PATCH_SIZE: 65', /multiple of 32/],
    ['CLASSES: 7', 'CLASSES: many', /CLASSES: found "many"/],
    ['nvidia/mit-b0', '../mit-b0', /SEGFORMER_CONFIG/],
    ['NAME: a model', 'NAME: [', /is no YAML/],
    ['NAME: a model', 'NAME: !!js/function x', /is no YAML.*tag/s],
    ['NAME: a model', 'NAME: a\nNAME: b', /is no YAML.*unique/],
    [config, '7', /the document: found 7; accepted: a map/],
  ])('refuses %j → %j', async (from, to, expected) => {
    await expect(read(config.replace(from, to))).rejects.toThrow(expected);
  });

  it.each<[string, string, RegExp]>([
    ['style: SEnSeIv2', 'style: SEnSeIv1', /descriptors\.style: found "SEnSeIv1"/],
    ['final_size: 74', 'final_size: 80', /2 · N_embeddings \+ 10, 74/],
    ['type: FCL', 'type: BAND_MULTIPLICATION', /blocks\[0\]\.type: found "BAND_MULTIPLICATION"/],
    ['type: FCL,', 'type: FCL, permuted: true,', /blocks\[0\]\.permuted: not supported in FCL/],
    ['type: FCL,', 'type: FCL, skips: concat,', /skips: found "concat"; supported: add, false/],
    ['skips_heads: false', 'skips_heads: true', /skips_heads: found true; supported: false/],
    ['[128, 32]', '[128, -1]', /layer_sizes: found \[128,-1\]/],
    [
      '  - {type: FCL, layer_sizes: [128, 32]}\n',
      '',
      /found BAND_EMBEDDING; supported in this order/,
    ],
    [
      sensei,
      'descriptors: []',
      /descriptors: found \[\]; accepted: a map; .*blocks: found nothing/s,
    ],
  ])('refuses in the SEnSeIv2 file %j → %j', async (from, to, expected) => {
    await expect(read(config, sensei.replace(from, to))).rejects.toThrow(expected);
  });

  it('names all faults at once', async () => {
    const text = config.replace('MULTIMODAL: false', 'MULTIMODAL: 1').replace('CLASSES: 7', '');
    await expect(read(text)).rejects.toThrow(/MULTIMODAL.*CLASSES: found nothing/);
  });

  it('does not multiply aliases', async () => {
    const lists = ['a: &a [1,1,1,1,1,1,1,1,1]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg']) {
      lists.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(',')}]`);
    }
    await expect(read(lists.join('\n'))).rejects.toThrow(/too many aliases/);
  });

  it('says what is missing', async () => {
    await expect(read(config, '')).rejects.toThrow(/small\.yaml cannot be read \(ENOENT\)/);
    await expect(readConfiguration('/no/such/config.yaml')).rejects.toThrow(/cannot be read/);
  });
});

describeWithShared('reference/config.yaml', 'readConfiguration on the official files', () => {
  it('reads what is built in for the official model', async () => {
    expect(await readConfiguration(sharedPath('reference/config.yaml'))).toEqual(
      officialConfiguration,
    );
  });
});
