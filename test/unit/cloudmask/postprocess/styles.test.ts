import { describe, expect, it } from 'vitest';
import { ModelUnusable } from '../../../../src/errors.ts';
import { classify, percentages } from '../../../../src/cloudmask/postprocess/classify.ts';
import {
  combiner,
  styles,
  type OutputStyle,
} from '../../../../src/cloudmask/postprocess/styles.ts';

const modelClasses = ['land', 'water', 'snow', 'thin', 'thick', 'shadow', 'no data'];

/** Probabilities of one pixel in a style. */
function combine(style: OutputStyle, model: readonly number[], names = modelClasses): number[] {
  const target = new Float32Array(styles[style].classes.length);
  combiner(styles[style], names)(Float32Array.from(model), target, 1);
  return [...target].map((value) => Number(value.toFixed(6)));
}

describe('combiner', () => {
  const pixel = [0.2, 0.1, 0.1, 0.3, 0.2, 0.05, 0.05];

  it('sums clear classes, keeps thick before thin, and drops no data without renormalising', () => {
    expect(combine('4-class', pixel)).toEqual([0.4, 0.2, 0.3, 0.05]);
  });

  it('takes what is not cloud as the rest', () => {
    expect(combine('cloud-noncloud', pixel)).toEqual([0.5, 0.5]);
    expect(combine('valid-invalid', pixel)).toEqual([0.45, 0.55]);
  });

  it('goes by the names of the classes, not by their places', () => {
    const shuffled = ['shadow', 'thick', 'no data', 'thin', 'snow', 'land', 'water'];
    const moved = shuffled.map((name) => pixel[modelClasses.indexOf(name)] ?? 0);
    expect(combine('4-class', moved, shuffled)).toEqual(combine('4-class', pixel));
  });

  it('refuses a model that lacks a class', () => {
    expect(() => combiner(styles['4-class'], ['land', 'water'])).toThrow(ModelUnusable);
  });
});

describe('classify', () => {
  it('sums first: clear in four classes may be cloud in two', () => {
    const model = [0.4, 0, 0, 0.3, 0.3, 0, 0];
    const classOf = (style: OutputStyle): number => {
      const target = new Uint8Array(1);
      const probabilities = Float32Array.from(combine(style, model));
      classify(probabilities, probabilities.length, Uint8Array.of(1), target);
      return target[0] ?? -1;
    };
    expect([classOf('4-class'), classOf('cloud-noncloud')]).toEqual([0, 1]);
  });

  it('lets the first of equals win, and writes 255 where there is no data', () => {
    const target = new Uint8Array(2);
    classify(Float32Array.of(0.5, 0.1, 0.5, 0.9), 2, Uint8Array.of(1, 0), target);
    expect([...target]).toEqual([0, 255]);
  });
});

describe('percentages', () => {
  it('rounds half up, stays within 0 and 100, and writes 255 where there is no data', () => {
    const target = new Uint8Array(5);
    percentages(
      Float32Array.of(0.125, 0.994, 1.0000001, -1e-7, 0.5),
      Uint8Array.of(1, 1, 1, 1, 0),
      target,
    );
    expect([...target]).toEqual([13, 99, 100, 0, 255]);
  });
});
