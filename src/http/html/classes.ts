/** The classes of a mask in pages: colour, pattern, number and word always together. */
import { html, type Html } from './template.ts';

interface Look {
  readonly colour: string;
  /** Number of the pattern in the frame's drawings, if it has one. */
  readonly pattern?: 1 | 2 | 3;
}

/** The same colours as in the files, by the names that statistics give to classes. */
const looks: Readonly<Record<string, Look>> = {
  'clear sky': { colour: '#4cae5c' },
  'thick clouds': { colour: '#522574', pattern: 1 },
  'thin clouds': { colour: '#c0e6fb', pattern: 2 },
  'cloud shadows': { colour: '#a81c20', pattern: 3 },
  'no cloud': { colour: '#4cae5c' },
  cloud: { colour: '#522574', pattern: 1 },
  valid: { colour: '#4cae5c' },
  invalid: { colour: '#a81c20', pattern: 3 },
};

/** Names of the classes of each output style, by value. */
export const classNames: Readonly<Record<string, readonly string[]>> = {
  '4-class': ['clear sky', 'thick clouds', 'thin clouds', 'cloud shadows'],
  'cloud-noncloud': ['no cloud', 'cloud'],
  'valid-invalid': ['valid', 'invalid'],
};

export function lookOf(name: string): Look {
  return looks[name] ?? { colour: '#808890' };
}

/** A small box in the colour and pattern of a class. */
export function swatch(name: string): Html {
  const { colour, pattern } = lookOf(name);
  return html`<svg class="swatch" viewBox="0 0 32 22" preserveAspectRatio="none" aria-hidden="true"><rect width="32" height="22" fill="${colour}"/>${pattern !== undefined && html`<rect width="32" height="22" fill="url(#p${pattern})"/>`}</svg>`;
}

export interface Share {
  readonly value: number;
  readonly name: string;
  /** Of the valid pixels, 0–1. */
  readonly share: number;
}

/** Percent with one decimal; what is there but rounds to nothing does not read as nothing. */
export function percent(share: number): string {
  return share > 0 && share < 0.0005 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`;
}

/** Shares as one bar, with a text for those who do not see it. */
export function sharesBar(shares: readonly Share[], kind: 'wide' | 'thin'): Html {
  const words = shares.map(({ name, share }) => `${name} ${percent(share)}`).join(', ');
  let start = 0;
  const parts = shares.map(({ name, share }) => {
    const { colour, pattern } = lookOf(name);
    const [x, width] = [`${(100 * start).toFixed(3)}%`, `${(100 * share).toFixed(3)}%`];
    const edge = start > 0 && share > 0;
    start += share;
    return html`<rect x="${x}" width="${width}" height="100%" fill="${colour}" />
      ${
        pattern !== undefined &&
        html`<rect x="${x}" width="${width}" height="100%" fill="url(#p${pattern})" />`
      }
      ${edge && html`<rect x="${x}" width="1" height="100%" fill="#fff" />`}`;
  });
  return html`<svg
    class="bar ${kind === 'thin' ? 'thin' : ''}"
    role="img"
    aria-label="Shares of the valid pixels: ${words}"
  >
    ${parts}
  </svg>`;
}
