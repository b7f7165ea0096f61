/** Words for a value that does not fit its schema: what was found, what is accepted. */
import type { ErrorObject } from 'ajv';
import type { InputFault } from '../errors.ts';
import type { Schema } from './description.ts';

const longestShown = 80;

/** A name that a client chose, as it may stand in a message. */
function shortened(name: string): string {
  return name.length > longestShown ? `${name.slice(0, longestShown)}…` : name;
}

/**
 * A value as it may be quoted in a message. Objects and arrays never are, since anything may be inside,
 * and addresses go without user, password and query, which grant access.
 */
export function quoted(value: unknown): string {
  if (typeof value === 'object' && value !== null) return kindOf(value);
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'nothing';
  return JSON.stringify(shortened(withoutCredentials(value)));
}

/** Searches by position: a pattern would look at the whole text again from each "://" in it. */
function withoutCredentials(text: string): string {
  const scheme = text.indexOf('://');
  if (scheme < 0) return text;
  const start = text.slice(0, scheme + 3);
  const rest = text.slice(scheme + 3);
  // Where a password or a query ends is a matter of opinion when both signs are there: then nothing is shown.
  if (text.includes('@')) return `${start}…`;
  const end = rest.search(/[?#]/);
  return start + (end < 0 ? rest : rest.slice(0, end));
}

/** What a value is, for members that may hold secrets inside. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a value of type ${typeof value}`;
  return Array.isArray(value) ? 'an array' : 'an object';
}

const mostFaults = 50;

/** Adds a fault for each name that is not known; what is accepted is said at the first of them only. */
export function addUnknown(
  what: 'input' | 'output',
  names: readonly string[],
  known: readonly string[],
  faults: InputFault[],
): void {
  const place = what === 'input' ? '' : 'outputs/';
  for (const [index, name] of names.entries()) {
    const hint = index === 0 ? `; accepted: ${known.join(', ')}` : '';
    // Those behind are only counted.
    const isSaid = index <= mostFaults;
    const input = isSaid ? place + shortened(name) : name;
    faults.push({ input, message: isSaid ? `there is no such ${what}${hint}` : '' });
  }
}

/** The first faults and how many more there are: nobody mends more at once, and answers stay small. */
export function firstFaults(faults: readonly InputFault[]): readonly InputFault[] {
  const more = faults.length - mostFaults;
  if (more <= 0) return faults;
  return [...faults.slice(0, mostFaults), { input: '…', message: `and ${more} more faults` }];
}

/** Where a client may be told what it sent: secrets, and what tells about somebody's storage, are left out. */
function isQuotable(id: string, schema: Schema): boolean {
  return schema['writeOnly'] !== true && !id.startsWith('s3_');
}

/** "4-class", "cloud-noncloud" … or a short description of a schema. */
export function accepted(schema: Schema): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => quoted(value)).join(', ');
  if (Array.isArray(schema['oneOf']))
    return schema['oneOf'].map((part) => accepted(part as Schema)).join(' or ');
  if (Array.isArray(schema['allOf']))
    return schema['allOf'].map((part) => accepted(part as Schema)).join(' with ');
  return simple(schema);
}

function simple(schema: Schema): string {
  const type = schema['type'] ?? schema['format'] ?? 'any value';
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const parts = [
    words(type),
    required.length > 0 && `with ${required.map(words).join(', ')}`,
    schema['items'] !== undefined && `of ${accepted(schema['items'] as Schema)}`,
    schema['minimum'] !== undefined && `from ${words(schema['minimum'])}`,
    schema['maximum'] !== undefined && `up to ${words(schema['maximum'])}`,
    schema['minLength'] !== undefined && `of at least ${words(schema['minLength'])} character(s)`,
    schema['maxLength'] !== undefined && `of at most ${words(schema['maxLength'])} characters`,
    schema['type'] !== undefined &&
      schema['format'] !== undefined &&
      `(${words(schema['format'])})`,
  ];
  return parts.filter((part) => part !== false).join(' ');
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : quoted(value);
}

/** The fault of the value of input `id` in one sentence. */
export function valueFault(
  id: string,
  schema: Schema,
  value: unknown,
  errors: readonly ErrorObject[],
): string {
  const isShown = isQuotable(id, schema);
  const found = isShown ? quoted(value) : 'a value that does not fit';
  const inside = errors.filter((error) => error.instancePath !== '' && isShown);
  const where = inside.map(({ instancePath, message }) =>
    `${shortened(instancePath)} ${message ?? ''}`.trim(),
  );
  const detail = where.length > 0 ? ` (${[...new Set(where)].slice(0, 5).join(', ')})` : '';
  return `found ${found}; accepted: ${accepted(schema)}${detail}`;
}
