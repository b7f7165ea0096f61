/**
 * Terms of a process description (`processes/<name>.json`), in the OpenAPI 3.0 dialect of JSON Schema.
 * /req/ogc-process-description/json-encoding. Mixed types are a `oneOf` in a schema:
 * /req/ogc-process-description/input-mixed-type, /req/ogc-process-description/output-mixed-type
 */
import type { Json } from './process.ts';

export interface Schema {
  readonly [word: string]: Json | undefined;
}

/** /req/ogc-process-description/input-def */
export interface InputDescription {
  readonly title: string;
  readonly description?: string;
  /** Occurrences that must be given; 1 when absent, as the standard says. */
  readonly minOccurs?: number;
  readonly maxOccurs?: number | 'unbounded';
  readonly schema: Schema;
}

/** /req/ogc-process-description/output-def */
export interface OutputDescription {
  readonly title: string;
  readonly description?: string;
  readonly schema: Schema;
}

export type JobControlOption = 'sync-execute' | 'async-execute' | 'dismiss';

export type TransmissionMode = 'value' | 'reference';

export interface ProcessSummary {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly keywords?: readonly string[];
  readonly jobControlOptions: readonly JobControlOption[];
  readonly outputTransmission: readonly TransmissionMode[];
}

/** /req/ogc-process-description/inputs-def, /req/ogc-process-description/outputs-def */
export interface ProcessDescription extends ProcessSummary {
  readonly inputs: Readonly<Record<string, InputDescription>>;
  readonly outputs: Readonly<Record<string, OutputDescription>>;
}

/** Media type that a schema declares, if it does. */
export function mediaTypeOf(schema: Schema): string | undefined {
  const declared = schema['contentMediaType'];
  return typeof declared === 'string' ? declared : undefined;
}

export function isRequired(input: InputDescription): boolean {
  return (input.minOccurs ?? 1) > 0;
}
