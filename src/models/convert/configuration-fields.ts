/** Typed access to a map of a YAML document. Faults are collected, so that the user sees all at once. */

/** What was found, short enough for a message. */
export function found(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Map) return 'a map';
  return (JSON.stringify(value) ?? typeof value).slice(0, 80);
}

export class Fields {
  readonly #map: ReadonlyMap<unknown, unknown>;
  readonly #faults: string[];
  readonly #path: string;

  /** @param faults receives what is wrong */
  constructor(value: unknown, faults: string[], path = '') {
    this.#map = value instanceof Map ? value : new Map();
    this.#faults = faults;
    this.#path = path;
    if (!(value instanceof Map)) this.fault('', `found ${found(value)}; accepted: a map`);
  }

  fault(key: string, message: string): void {
    const name = [this.#path, key].filter((part) => part !== '').join('.');
    this.#faults.push(`${name || 'the document'}: ${message}`);
  }

  keys(): readonly string[] {
    return [...this.#map.keys()].map(String);
  }

  /** The one value that is supported; nothing at all stands for null. */
  only<Value extends string | boolean | null>(key: string, accepted: Value): Value {
    const value = this.#map.get(key) ?? null;
    if (value !== accepted) {
      this.fault(key, `found ${found(value)}; supported: ${String(accepted)}`);
    }
    return accepted;
  }

  text(key: string, pattern: RegExp, accepted: string): string {
    const value = this.#map.get(key);
    if (typeof value === 'string' && pattern.test(value)) return value;
    this.fault(key, `found ${found(value)}; accepted: ${accepted}`);
    return '';
  }

  integer(key: string, least: number, most: number): number {
    const value = this.#map.get(key);
    if (isInteger(value, least, most)) return value;
    this.fault(key, `found ${found(value)}; accepted: an integer from ${least} to ${most}`);
    return least;
  }

  boolean(key: string): boolean {
    const value = this.#map.get(key) ?? false;
    if (typeof value === 'boolean') return value;
    this.fault(key, `found ${found(value)}; accepted: true, false`);
    return false;
  }

  /** A list of numbers that all pass. */
  numbers(key: string, isGood: (value: number) => boolean, accepted: string): readonly number[] {
    const value = this.#map.get(key);
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    const numbers = list.filter((item): item is number => typeof item === 'number' && isGood(item));
    if (numbers.length === 0 || numbers.length < list.length || list.length > 64) {
      this.fault(key, `found ${found(value)}; accepted: a list of ${accepted}`);
    }
    return numbers;
  }

  /** A value that has one of several forms. */
  value(key: string): unknown {
    return this.#map.get(key);
  }

  inside(key: string): Fields {
    return new Fields(this.#map.get(key), this.#faults, key);
  }

  /** The maps of a list. */
  list(key: string): readonly Fields[] {
    const value = this.#map.get(key);
    if (!Array.isArray(value)) {
      this.fault(key, `found ${found(value)}; accepted: a list`);
      return [];
    }
    return value.map((item, index) => new Fields(item, this.#faults, `${key}[${index}]`));
  }
}

function isInteger(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}
