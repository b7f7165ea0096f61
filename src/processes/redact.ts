import type { ProcessDescription } from './description.ts';
import type { Inputs } from './process.ts';
import { writeOnlyInputs } from './registry.ts';

/** What stands in the place of a secret. */
const redacted = '***';

/** The inputs with every write-only value replaced: the only form that may be stored or logged. */
export function redactInputs(description: ProcessDescription, inputs: Inputs): Inputs {
  const secret = new Set(writeOnlyInputs(description));
  return Object.fromEntries(
    Object.entries(inputs).map(([id, value]) => [id, secret.has(id) ? redacted : value]),
  );
}
