/** A JSON document of our own, read strictly: every field has to be there, of its type, and no other. */
import { ProductRefused } from '../../errors.ts';

/** The fields of one object: each is asked for once, and what nobody asked for is refused. */
export class Fields {
  readonly #document: string;
  readonly #path: string;
  readonly #values: Map<string, unknown>;

  /**
   * @param document name of the file, for messages
   * @param path where the object stands in the document; empty for the document itself
   * @throws ProductRefused when the value is no object
   */
  constructor(document: string, path: string, value: unknown) {
    this.#document = document;
    this.#path = path;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#refusal(`no object as ${path || 'its content'}`, 'an object');
    }
    this.#values = new Map(Object.entries(value));
  }

  /** Whether the field is there. */
  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** A field's value as it is; undefined when absent. */
  take(key: string): unknown {
    const value = this.#values.get(key);
    this.#values.delete(key);
    return value;
  }

  /** A text of this form. */
  text(key: string, pattern: RegExp): string {
    const value = this.take(key);
    if (typeof value === 'string' && pattern.test(value)) return value;
    return this.#wrong(key, value, `a text like ${pattern.source}`);
  }

  /** One of these values. */
  oneOf<const T extends string | number>(key: string, accepted: readonly T[]): T {
    const value = this.take(key);
    const found = accepted.find((candidate) => candidate === value);
    return found ?? this.#wrong(key, value, accepted.join(' or '));
  }

  /** A number in this range, both ends included. */
  number(key: string, from: number, to: number): number {
    const value = this.take(key);
    if (typeof value === 'number' && value >= from && value <= to) return value;
    return this.#wrong(key, value, `a number from ${from} to ${to}`);
  }

  /** A list of at most so many values. */
  list(key: string, most: number): readonly unknown[] {
    const value = this.take(key);
    if (Array.isArray(value) && value.length <= most) return value;
    return this.#wrong(key, value, `a list of at most ${most}`);
  }

  /** A list of short texts. */
  texts(key: string, most: number): readonly string[] {
    const list = this.list(key, most);
    const texts = list.filter((value) => typeof value === 'string' && value.length <= 1000);
    if (texts.length < list.length) return this.#wrong(key, list, 'a list of texts');
    return texts as string[];
  }

  /** Nothing is left that was not asked for. */
  end(): void {
    const [key] = this.#values.keys();
    if (key !== undefined) throw this.#refusal(`the unknown field ${this.#name(key)}`, 'none');
  }

  #wrong(key: string, value: unknown, expected: string): never {
    const found = JSON.stringify(value)?.slice(0, 60) ?? 'nothing';
    throw this.#refusal(`${found} as ${this.#name(key)}`, expected);
  }

  #refusal(found: string, expected: string): ProductRefused {
    return new ProductRefused(`${this.#document} has ${found}; expected is ${expected}.`);
  }

  #name(key: string): string {
    return `${this.#path}${this.#path === '' ? '' : '.'}${key.slice(0, 60)}`;
  }
}
