/** One row of the table of settings. */

export interface Setting<Value> {
  /** Name of the environment variable. */
  readonly name: string;
  /** Text that is read when the variable is absent or empty. */
  readonly default: string;
  /** What the table says instead of `default`, where that depends on the machine. */
  readonly defaultShown?: string;
  readonly unit?: string;
  readonly meaning: string;
  readonly example: string;
  /** True where the value must never be shown. */
  readonly secret?: boolean;
  /** `from` is the folder below which relative paths lie. */
  readonly parse: (found: string, from: string) => Value;
}

/** Keeps the type of the value that a row parses. */
export const setting = <Value>(row: Setting<Value>): Setting<Value> => row;
