/**
 * The output styles: how the network's classes become those of the mask. Probabilities are summed first,
 * then the largest wins: merging after an argmax would give other pixels.
 */
import { ModelUnusable } from '../../errors.ts';

export type OutputStyle = '4-class' | 'cloud-noncloud' | 'valid-invalid';

export interface StyleClass {
  readonly value: number;
  readonly name: string;
  /** `#rrggbb` */
  readonly colour: string;
  /** Names of the model's classes whose probabilities are summed, or the class that this one is the rest of. */
  readonly from: { readonly sum: readonly string[] } | { readonly restOf: number };
}

export interface Style {
  readonly name: OutputStyle;
  readonly classes: readonly StyleClass[];
  /** Values that count as cloud for the cloud cover; empty when the style does not tell. */
  readonly cloud: readonly number[];
}

const green = '#4cae5c';
const purple = '#522574';
const lightBlue = '#c0e6fb';
const red = '#a81c20';

/** Every style by the name that requests use. */
export const styles: Readonly<Record<OutputStyle, Style>> = {
  '4-class': {
    name: '4-class',
    classes: [
      { value: 0, name: 'clear sky', colour: green, from: { sum: ['land', 'water', 'snow'] } },
      { value: 1, name: 'thick clouds', colour: purple, from: { sum: ['thick'] } },
      { value: 2, name: 'thin clouds', colour: lightBlue, from: { sum: ['thin'] } },
      { value: 3, name: 'cloud shadows', colour: red, from: { sum: ['shadow'] } },
    ],
    cloud: [1, 2],
  },
  'cloud-noncloud': {
    name: 'cloud-noncloud',
    classes: [
      { value: 0, name: 'no cloud', colour: green, from: { restOf: 1 } },
      { value: 1, name: 'cloud', colour: purple, from: { sum: ['thin', 'thick'] } },
    ],
    cloud: [1],
  },
  'valid-invalid': {
    name: 'valid-invalid',
    classes: [
      { value: 0, name: 'valid', colour: green, from: { restOf: 1 } },
      { value: 1, name: 'invalid', colour: red, from: { sum: ['thin', 'thick', 'shadow'] } },
    ],
    cloud: [],
  },
};

/** Turns planes of model probabilities into planes of style probabilities. */
export type Combine = (
  model: Float32Array,
  target: Float32Array,
  /** Pixels of a plane. */
  plane: number,
) => void;

/**
 * Prepares a style for a model.
 * @param modelClasses names of the network's classes in order
 * @throws ModelUnusable when the model lacks a class that the style needs
 */
export function combiner(style: Style, modelClasses: readonly string[]): Combine {
  const recipe = style.classes.map(({ from }) =>
    'sum' in from ? { sum: from.sum.map((name) => classIndex(modelClasses, name)) } : from,
  );
  return (model, target, plane) => {
    for (const [index, from] of recipe.entries()) {
      if ('sum' in from)
        addPlanes(model, from.sum, target.subarray(index * plane, (index + 1) * plane));
    }
    for (const [index, from] of recipe.entries()) {
      if ('sum' in from) continue;
      const other = from.restOf * plane;
      for (let pixel = 0; pixel < plane; pixel++) {
        target[index * plane + pixel] = 1 - target[other + pixel]!;
      }
    }
  };
}

function classIndex(modelClasses: readonly string[], name: string): number {
  const index = modelClasses.indexOf(name);
  if (index >= 0) return index;
  throw new ModelUnusable(
    `The model has no class "${name}"; its classes are ${modelClasses.join(', ')}.`,
  );
}

/** Sums in float32, plane after plane, in the order given. */
function addPlanes(model: Float32Array, planes: readonly number[], target: Float32Array): void {
  const size = target.length;
  for (const [order, plane] of planes.entries()) {
    const from = plane * size;
    for (let pixel = 0; pixel < size; pixel++) {
      target[pixel] = order === 0 ? model[from + pixel]! : target[pixel]! + model[from + pixel]!;
    }
  }
}
