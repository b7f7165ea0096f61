/** One row of a table: what 32 channels make of one value, computed in float64. AssemblyScript, as `assembly.ts`. */

/** 32 channels of float32, and of float64. */
export const laneBytes: usize = 128;
const wideBytes: usize = 256;
/** A row: sines, then cosines. */
export const rowBytes: usize = 256;
/** Of a band: frequencies, phases and gains in float64. */
export const parameterBytes: usize = 768;

/**
 * gain · sin(a) and gain · frequency · cos(a), a = frequency · (x + phase), of all channels. With k the nearest multiple of
 * π/2, sine and cosine of the rest (at most π/4) are their series; k modulo 4 says which is which, and the signs.
 */
export function writeRow(row: usize, parameters: usize, x: f64): void {
  const wide = f64x2.splat(x);
  // 1.5 · 2^52: added to a number, its lowest bits are the nearest integer.
  const shifter = f64x2.splat(6_755_399_441_055_744);
  const one = i64x2.splat(1);
  const two = i64x2.splat(2);
  for (let channel: usize = 0; channel < 32; channel += 2) {
    const at = parameters + channel * 8;
    const frequency = v128.load(at);
    const gain = v128.load(at + 2 * wideBytes);
    const angle = f64x2.mul(frequency, f64x2.add(wide, v128.load(at + wideBytes)));
    const quarter = f64x2.add(f64x2.mul(angle, f64x2.splat(0.636_619_772_367_581_4)), shifter);
    const turns = f64x2.sub(quarter, shifter);
    const rest = f64x2.sub(angle, f64x2.mul(turns, f64x2.splat(1.570_796_326_794_896_6)));
    const square = f64x2.mul(rest, rest);
    const sine = f64x2.mul(rest, sineSeries(square));
    const cosine = cosineSeries(square);
    const isOdd = i64x2.neg(v128.and(quarter, one));
    const sineSign = i64x2.shl(v128.and(quarter, two), 62);
    const cosineSign = i64x2.shl(v128.and(i64x2.add(quarter, one), two), 62);
    const sin = v128.xor(v128.bitselect(cosine, sine, isOdd), sineSign);
    const cos = v128.xor(v128.bitselect(sine, cosine, isOdd), cosineSign);
    const target = row + channel * 4;
    v128.store64_lane(target, f32x4.demote_f64x2_zero(f64x2.mul(gain, sin)), 0);
    const slope = f64x2.mul(f64x2.mul(gain, frequency), cos);
    v128.store64_lane(target + laneBytes, f32x4.demote_f64x2_zero(slope), 0);
  }
}

/** sin(r)/r of r², to 2e-9 for |r| ≤ π/4. */
function sineSeries(square: v128): v128 {
  let sum = f64x2.splat(1 / 362_880.0);
  sum = f64x2.sub(f64x2.mul(sum, square), f64x2.splat(1 / 5_040.0));
  sum = f64x2.add(f64x2.mul(sum, square), f64x2.splat(1 / 120.0));
  sum = f64x2.sub(f64x2.mul(sum, square), f64x2.splat(1 / 6.0));
  return f64x2.add(f64x2.mul(sum, square), f64x2.splat(1));
}

/** cos(r) of r², to 2e-10 for |r| ≤ π/4. */
function cosineSeries(square: v128): v128 {
  let sum = f64x2.splat(-1 / 3_628_800.0);
  sum = f64x2.add(f64x2.mul(sum, square), f64x2.splat(1 / 40_320.0));
  sum = f64x2.sub(f64x2.mul(sum, square), f64x2.splat(1 / 720.0));
  sum = f64x2.add(f64x2.mul(sum, square), f64x2.splat(1 / 24.0));
  sum = f64x2.sub(f64x2.mul(sum, square), f64x2.splat(0.5));
  return f64x2.add(f64x2.mul(sum, square), f64x2.splat(1));
}
