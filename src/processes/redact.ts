import type { ProcessDescription } from './description.ts';
import type { Inputs, Json } from './process.ts';
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

/** Values of the write-only inputs; undefined where none was given. */
export function secretInputs(description: ProcessDescription, inputs: Inputs): Inputs | undefined {
  const ids = writeOnlyInputs(description).filter((id) => inputs[id] !== undefined);
  return ids.length === 0
    ? undefined
    : Object.fromEntries(ids.map((id) => [id, inputs[id] ?? null]));
}

/** Members that hold secrets by their name, also inside of documents that a user gave (a STAC Item). */
const secretName =
  /secret|token|passw(?:or)?d|credential|signature|authorization|access_?key|api_?key/i;

/** Who knows the query of a link may often read what it leads to (a presigned address). */
const address =
  /\b([a-z][a-z0-9+.-]{0,15}:\/\/)(?:[^\s/?#@"'<>]*@)?([^\s?#"'<>]*)(\?[^\s#"'<>]*)?/gi;

/** A text with the users, passwords and queries of the addresses in it replaced. */
function withoutGrants(text: string): string {
  return text.replace(
    address,
    (_all, scheme: string, place: string, query?: string) =>
      scheme + place + (query === undefined ? '' : `?${redacted}`),
  );
}

/** A stored value as it may be shown to whoever may see the job: what grants access is replaced. */
export function showable(value: Json): Json {
  if (typeof value === 'string') return withoutGrants(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(showable);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      secretName.test(name) ? redacted : showable(member),
    ]),
  );
}

/** The inputs of a stored job in this form: secrets were replaced before it was stored. */
export function shownInputs(inputs: Inputs): Inputs {
  return showable({ ...inputs }) as Inputs;
}
