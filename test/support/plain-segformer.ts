/**
 * SegFormer by its plain formulas in float64: nothing folded, nothing fused, no library. Slow, for small windows.
 * Sources: Xie et al., SegFormer (NeurIPS 2021); names of tensors as in the checkpoints.
 */

/** Row-major. Tokens are `count × channels`, images `channels × side × side`. */
type Values = Float64Array;

export interface PlainEncoder {
  readonly depths: readonly number[];
  readonly channels: readonly number[];
  readonly decoder: number;
}

/** A tensor by its name in the checkpoint. */
export type Weights = (name: string) => ArrayLike<number>;

const heads = [1, 2, 5, 8];
const reductions = [8, 4, 2, 1];
const kernels = [7, 3, 3, 3];
const strides = [4, 2, 2, 2];

/** Probabilities `classes × side × side` of one window `channels × side × side`. */
export function plainSegformer(
  input: ArrayLike<number>,
  side: number,
  encoder: PlainEncoder,
  weights: Weights,
): Values {
  let image: Values = Float64Array.from(input);
  let size = side;
  const features: { tokens: Values; size: number }[] = [];
  for (const [stage, depth] of encoder.depths.entries()) {
    const channels = encoder.channels[stage]!;
    const prefix = `segmenter.segformer.encoder`;
    const patches = `${prefix}.patch_embeddings.${stage}`;
    const conv = convolve(image, size, {
      weight: weights(`${patches}.proj.weight`),
      bias: weights(`${patches}.proj.bias`),
      kernel: kernels[stage]!,
      stride: strides[stage]!,
      padding: Math.floor(kernels[stage]! / 2),
      outputs: channels,
    });
    size = conv.size;
    let tokens = norm(turn(conv.image, channels), channels, weights, `${patches}.layer_norm`);
    for (let j = 0; j < depth; j++) {
      tokens = block(tokens, { size, channels, stage }, weights, `${prefix}.block.${stage}.${j}`);
    }
    tokens = norm(tokens, channels, weights, `${prefix}.layer_norm.${stage}`);
    features.push({ tokens, size });
    image = turn(tokens, size * size);
  }
  return head(features, encoder, side, weights);
}

interface Shape {
  readonly size: number;
  readonly channels: number;
  readonly stage: number;
}

function block(x: Values, shape: Shape, weights: Weights, prefix: string): Values {
  const { channels } = shape;
  const first = norm(x, channels, weights, `${prefix}.layer_norm_1`);
  const attended = add(x, attention(first, shape, weights, `${prefix}.attention`));
  const second = norm(attended, channels, weights, `${prefix}.layer_norm_2`);
  return add(attended, mlp(second, shape, weights, `${prefix}.mlp`));
}

function attention(x: Values, shape: Shape, weights: Weights, prefix: string): Values {
  const { size, channels, stage } = shape;
  const reduction = reductions[stage]!;
  let coarse = x;
  if (reduction > 1) {
    const conv = convolve(turn(x, channels, true), size, {
      weight: weights(`${prefix}.self.sr.weight`),
      bias: weights(`${prefix}.self.sr.bias`),
      kernel: reduction,
      stride: reduction,
      padding: 0,
      outputs: channels,
    });
    coarse = norm(turn(conv.image, channels), channels, weights, `${prefix}.self.layer_norm`);
  }
  const query = dense(x, channels, weights, `${prefix}.self.query`);
  const key = dense(coarse, channels, weights, `${prefix}.self.key`);
  const value = dense(coarse, channels, weights, `${prefix}.self.value`);
  const width = channels / heads[stage]!;
  const context = new Float64Array(x.length);
  for (let h = 0; h < heads[stage]!; h++) {
    attendHead({ query, key, value, context }, channels, h * width, width);
  }
  return dense(context, channels, weights, `${prefix}.output.dense`);
}

function attendHead(
  t: { query: Values; key: Values; value: Values; context: Values },
  channels: number,
  from: number,
  width: number,
): void {
  const keys = t.key.length / channels;
  for (let i = 0; i < t.query.length / channels; i++) {
    const scores = new Float64Array(keys);
    for (let k = 0; k < keys; k++) {
      let sum = 0;
      for (let d = from; d < from + width; d++)
        sum += t.query[i * channels + d]! * t.key[k * channels + d]!;
      scores[k] = sum / Math.sqrt(width);
    }
    const share = softmax(scores);
    for (let d = from; d < from + width; d++) {
      let sum = 0;
      for (let k = 0; k < keys; k++) sum += share[k]! * t.value[k * channels + d]!;
      t.context[i * channels + d] = sum;
    }
  }
}

function mlp(x: Values, { size, channels }: Shape, weights: Weights, prefix: string): Values {
  const wide = channels * 4;
  const hidden = turn(dense(x, channels, weights, `${prefix}.dense1`), wide, true);
  const kernel = weights(`${prefix}.dwconv.dwconv.weight`);
  const bias = weights(`${prefix}.dwconv.dwconv.bias`);
  const mixed = new Float64Array(hidden.length);
  for (let c = 0; c < wide; c++) {
    for (let y = 0; y < size; y++) {
      for (let column = 0; column < size; column++) {
        let sum = bias[c]!;
        for (let k = 0; k < 9; k++) {
          const [sy, sx] = [y + Math.floor(k / 3) - 1, column + (k % 3) - 1];
          if (sy < 0 || sx < 0 || sy >= size || sx >= size) continue;
          sum += kernel[c * 9 + k]! * hidden[(c * size + sy) * size + sx]!;
        }
        mixed[(c * size + y) * size + column] = gelu(sum);
      }
    }
  }
  return dense(turn(mixed, wide), wide, weights, `${prefix}.dense2`);
}

/** Project every stage, upsample, concatenate last stage first, fuse, BatchNorm, ReLU, classify, upsample, softmax. */
function head(
  features: readonly { tokens: Values; size: number }[],
  { channels, decoder }: PlainEncoder,
  side: number,
  weights: Weights,
): Values {
  const prefix = 'segmenter.decode_head';
  const fine = features[0]!.size;
  const projected = features.map(({ tokens, size }, stage) => {
    const tokensOut = dense(tokens, channels[stage]!, weights, `${prefix}.linear_c.${stage}.proj`);
    return upsample(turn(tokensOut, decoder, true), size, fine);
  });
  const stacked = new Float64Array(features.length * decoder * fine * fine);
  for (const [i, part] of projected.toReversed().entries()) stacked.set(part, i * part.length);
  const fused = pointwise(stacked, fine, weights(`${prefix}.linear_fuse.weight`), decoder);
  const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((n) =>
    weights(`${prefix}.batch_norm.${n}`),
  );
  const active = fused.map((value, i) => {
    const c = Math.floor(i / (fine * fine));
    return Math.max(
      0,
      ((value - mean![c]!) / Math.sqrt(variance![c]! + 1e-5)) * gamma![c]! + beta![c]!,
    );
  });
  const bias = weights(`${prefix}.classifier.bias`);
  const logits = pointwise(active, fine, weights(`${prefix}.classifier.weight`), bias.length);
  const biased = logits.map((value, i) => value + bias[Math.floor(i / (fine * fine))]!);
  const full = upsample(biased, fine, side);
  const plane = side * side;
  const result = new Float64Array(full.length);
  for (let i = 0; i < plane; i++) {
    const shares = softmax(Float64Array.from(bias, (_, c) => full[c * plane + i]!));
    for (const [c, share] of shares.entries()) result[c * plane + i] = share;
  }
  return result;
}

interface Convolution {
  readonly weight: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly outputs: number;
}

function convolve(image: Values, size: number, conv: Convolution): { image: Values; size: number } {
  const { weight, bias, kernel, stride, padding, outputs } = conv;
  const inputs = image.length / (size * size);
  const target = Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const result = new Float64Array(outputs * target * target);
  for (let o = 0; o < outputs; o++) {
    for (let y = 0; y < target; y++) {
      for (let x = 0; x < target; x++) {
        let sum = bias[o]!;
        for (let c = 0; c < inputs; c++) {
          for (let ky = 0; ky < kernel; ky++) {
            const sy = y * stride + ky - padding;
            if (sy < 0 || sy >= size) continue;
            for (let kx = 0; kx < kernel; kx++) {
              const sx = x * stride + kx - padding;
              if (sx < 0 || sx >= size) continue;
              sum +=
                weight[((o * inputs + c) * kernel + ky) * kernel + kx]! *
                image[(c * size + sy) * size + sx]!;
            }
          }
        }
        result[(o * target + y) * target + x] = sum;
      }
    }
  }
  return { image: result, size: target };
}

function pointwise(
  image: Values,
  size: number,
  weight: ArrayLike<number>,
  outputs: number,
): Values {
  const plane = size * size;
  const inputs = image.length / plane;
  const result = new Float64Array(outputs * plane);
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < inputs; c++) {
      const w = weight[o * inputs + c]!;
      for (let i = 0; i < plane; i++) result[o * plane + i]! += w * image[c * plane + i]!;
    }
  }
  return result;
}

function dense(x: Values, inputs: number, weights: Weights, prefix: string): Values {
  const weight = weights(`${prefix}.weight`);
  const bias = weights(`${prefix}.bias`);
  const outputs = bias.length;
  const count = x.length / inputs;
  const result = new Float64Array(count * outputs);
  for (let i = 0; i < count; i++) {
    for (let o = 0; o < outputs; o++) {
      let sum = bias[o]!;
      for (let k = 0; k < inputs; k++) sum += weight[o * inputs + k]! * x[i * inputs + k]!;
      result[i * outputs + o] = sum;
    }
  }
  return result;
}

function norm(x: Values, features: number, weights: Weights, prefix: string): Values {
  const [weight, bias] = [weights(`${prefix}.weight`), weights(`${prefix}.bias`)];
  const result = new Float64Array(x.length);
  for (let i = 0; i < x.length; i += features) {
    const row = x.subarray(i, i + features);
    const mean = row.reduce((sum, value) => sum + value, 0) / features;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / features;
    for (let k = 0; k < features; k++) {
      result[i + k] = ((row[k]! - mean) / Math.sqrt(variance + 1e-5)) * weight[k]! + bias[k]!;
    }
  }
  return result;
}

/** Bilinear, pixel centres at half coordinates, clamped at the border. */
function upsample(image: Values, size: number, target: number): Values {
  const count = image.length / (size * size);
  const result = new Float64Array(count * target * target);
  const at = (i: number): [number, number, number] => {
    const position = Math.max(0, ((i + 0.5) * size) / target - 0.5);
    const low = Math.min(Math.floor(position), size - 1);
    return [low, Math.min(low + 1, size - 1), position - low];
  };
  for (let y = 0; y < target; y++) {
    const [y0, y1, fy] = at(y);
    for (let x = 0; x < target; x++) {
      const [x0, x1, fx] = at(x);
      for (let c = 0; c < count; c++) {
        const value = (sy: number, sx: number): number => image[(c * size + sy) * size + sx]!;
        result[(c * target + y) * target + x] =
          (value(y0, x0) * (1 - fx) + value(y0, x1) * fx) * (1 - fy) +
          (value(y1, x0) * (1 - fx) + value(y1, x1) * fx) * fy;
      }
    }
  }
  return result;
}

/** `rows × columns` → `columns × rows`; `rows` is the number of rows, or of columns when `isColumns`. */
function turn(x: Values, count: number, isColumns = false): Values {
  const rows = isColumns ? x.length / count : count;
  const columns = x.length / rows;
  const result = new Float64Array(x.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = x[i * columns + j]!;
  }
  return result;
}

function add(a: Values, b: Values): Values {
  return a.map((value, i) => value + b[i]!);
}

function softmax(scores: Values): Values {
  const largest = scores.reduce((most, value) => Math.max(most, value), -Infinity);
  const shares = scores.map((value) => Math.exp(value - largest));
  const total = shares.reduce((sum, value) => sum + value, 0);
  return shares.map((value) => value / total);
}

/** x · Φ(x), Φ by the series of erf, which converges for all that a test meets. */
function gelu(x: number): number {
  return 0.5 * x * (1 + erf(x / Math.SQRT2));
}

function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
