/**
 * Landsat metadata (MTL) in one of its forms, asked by group and key: keys such as `REFLECTANCE_MULT_BAND_1` stand in
 * several groups with other values, so a key alone says nothing.
 */
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { ProductRefused } from '../../errors.ts';
import { parseMtlJson, parseMtlText, parseMtlXml, type MtlContent } from './mtl-forms.ts';
import { readText } from './product-files.ts';

/** Real files have about 15 kB. */
const maxBytes = 1024 * 1024;

/** Which numbers are plausible. */
export interface NumberRange {
  /** Greater than this. */
  readonly above?: number;
  readonly from?: number;
  readonly to?: number;
  readonly integer?: true;
}

export class Mtl {
  /** Name of the file, for messages. */
  readonly name: string;
  /** `LANDSAT_METADATA_FILE` (Collection 2) or `L1_METADATA_FILE` (Collection 1). */
  readonly rootName: string;
  readonly #groups: MtlContent['groups'];
  /** What was asked for: the values that a product depends on. */
  readonly #asked = new Map<string, readonly [group: string, key: string]>();

  private constructor(name: string, content: MtlContent) {
    this.name = name;
    this.rootName = content.rootName;
    this.#groups = content.groups;
  }

  /**
   * Reads a file; its ending says in which form.
   * @throws ProductRefused when it is too large, damaged or of another form.
   */
  static async read(file: string): Promise<Mtl> {
    const name = basename(file);
    const { size } = await stat(file);
    if (size > maxBytes) {
      throw new ProductRefused(`${name} has ${size} bytes; at most ${maxBytes} are read.`);
    }
    return Mtl.parse(name, await readText(file));
  }

  /**
   * Parses the text of a file; the ending of its name says in which form.
   * @throws ProductRefused when it is too large, damaged or of another form.
   */
  static parse(name: string, text: string): Mtl {
    if (text.length > maxBytes) {
      throw new ProductRefused(
        `${name} has ${text.length} characters; at most ${maxBytes} are read.`,
      );
    }
    switch (extname(name).toLowerCase()) {
      case '.xml':
        return new Mtl(name, parseMtlXml(name, text));
      case '.json':
        return new Mtl(name, parseMtlJson(name, text));
      default:
        return new Mtl(name, parseMtlText(name, text));
    }
  }

  /** A value, undefined when the group, the key or the text between the quotes is absent. */
  optional(group: string, key: string): string | undefined {
    this.#asked.set(`${group}/${key}`, [group, key]);
    return this.#value(group, key);
  }

  /**
   * A value that has to be there.
   * @throws ProductRefused naming file, key and group.
   */
  text(group: string, key: string): string {
    const value = this.optional(group, key);
    if (value !== undefined) return value;
    throw new ProductRefused(`${this.name} has no ${key} in the group ${group}.`);
  }

  /**
   * A finite number that has to be there.
   * @throws ProductRefused when it is missing, no number or not plausible.
   */
  number(group: string, key: string, range: NumberRange = {}): number {
    const text = this.text(group, key);
    const value = parseNumber(text);
    if (!Number.isFinite(value)) {
      throw new ProductRefused(
        `${this.name} has ${key} = "${text.slice(0, 40)}", which is no number.`,
      );
    }
    if (isOutside(value, range)) {
      throw new ProductRefused(
        `${this.name} has ${key} = ${text.slice(0, 40)}; expected is ${describeRange(range)}.`,
      );
    }
    return value;
  }

  /**
   * What another form of the same metadata says otherwise, of all that was asked of this one so far.
   * @returns a sentence for each value
   */
  differences(other: Mtl): string[] {
    return [...this.#asked.values()].flatMap(([group, key]) => {
      const ours = this.#value(group, key);
      const theirs = other.#value(group, key);
      if (isSame(ours, theirs)) return [];
      return [
        `${this.name} has ${key} = ${shown(ours)}, ${other.name} has ${shown(theirs)}: ` +
          `the value of ${this.name} was used.`,
      ];
    });
  }

  #value(group: string, key: string): string | undefined {
    const value = this.#groups.get(group)?.get(key);
    return value === '' ? undefined : value;
  }
}

/** A decimal number, or NaN. */
function parseNumber(text: string): number {
  return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

function isOutside(value: number, { above, from, to, integer }: NumberRange): boolean {
  return (
    value <= (above ?? Number.NEGATIVE_INFINITY) ||
    value < (from ?? Number.NEGATIVE_INFINITY) ||
    value > (to ?? Number.POSITIVE_INFINITY) ||
    (integer === true && !Number.isInteger(value))
  );
}

function describeRange({ above, from, to, integer }: NumberRange): string {
  const parts = [
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(from === undefined ? [] : [`at least ${from}`]),
    ...(to === undefined ? [] : [`at most ${to}`]),
  ];
  return `${integer === true ? 'a whole number ' : ''}${parts.join(' and ')}`;
}

/** Forms write a number with another count of zeros. */
function isSame(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  return one !== undefined && other !== undefined && parseNumber(one) === parseNumber(other);
}

function shown(value: string | undefined): string {
  return value === undefined ? 'none' : value.slice(0, 80);
}
