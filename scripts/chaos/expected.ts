import type { Json } from '../../src/processes/process.ts';

export type ExpectedOutput = { readonly value: Json } | { readonly sha256: string };

/** What has to become of a job that was accepted. */
export interface Expected {
  /** All that was said to be its id. */
  readonly ids: readonly string[];
  /** Under which it was asked for. */
  readonly key?: string;
  readonly isDismissed: boolean;
  /** Of a success. Outputs that are not named here have only to be whole. */
  readonly outputs: Readonly<Record<string, ExpectedOutput>>;
  /** The job cannot succeed: what is said of it. */
  readonly failure?: string;
}
