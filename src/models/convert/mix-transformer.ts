/** Sizes of the Mix Transformer encoders. Source: Xie et al., SegFormer (NeurIPS 2021), table 6. */
import { CheckpointRefused } from '../../errors.ts';

export interface MixTransformer {
  /** Transformer blocks of each stage. */
  readonly depths: readonly number[];
  /** Channels of each stage. */
  readonly channels: readonly number[];
  /** Channels of the decode head. */
  readonly decoder: number;
}

/** The same in all encoders, by stage. */
export const stages = [
  { heads: 1, reduction: 8, kernel: 7, stride: 4 },
  { heads: 2, reduction: 4, kernel: 3, stride: 2 },
  { heads: 5, reduction: 2, kernel: 3, stride: 2 },
  { heads: 8, reduction: 1, kernel: 3, stride: 2 },
] as const;

/** Width of the MLP of a block over that of the block. */
export const mlpRatio = 4;

const small = [32, 64, 160, 256];
const large = [64, 128, 320, 512];

const encoders: Readonly<Record<string, MixTransformer>> = {
  'mit-b0': { depths: [2, 2, 2, 2], channels: small, decoder: 256 },
  'mit-b1': { depths: [2, 2, 2, 2], channels: large, decoder: 256 },
  'mit-b2': { depths: [3, 4, 6, 3], channels: large, decoder: 768 },
  'mit-b3': { depths: [3, 4, 18, 3], channels: large, decoder: 768 },
  'mit-b4': { depths: [3, 8, 27, 3], channels: large, decoder: 768 },
  'mit-b5': { depths: [3, 6, 40, 3], channels: large, decoder: 768 },
};

/**
 * The encoder that a configuration names, with or without its publisher (`nvidia/mit-b2`).
 * @throws CheckpointRefused naming the encoders that there are
 */
export function mixTransformer(name: string): MixTransformer {
  const key = name.split('/').at(-1) ?? '';
  const found = Object.hasOwn(encoders, key) ? encoders[key] : undefined;
  if (found !== undefined) return found;
  throw new CheckpointRefused(
    `The configuration names the segmenter ${name}; accepted: ${Object.keys(encoders).join(', ')}.`,
  );
}
