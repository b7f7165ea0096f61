/** Words for a value that does not fit its schema: what was found, what is accepted. */
import type { ErrorObject } from 'ajv';
import type { Schema } from './description.ts';

const longestShown = 80;

/** A value as it may be quoted in a message. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

/** What a value is, for members that may hold secrets inside. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
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

/** The fault of one value in one sentence; a write-only value is never quoted. */
export function valueFault(schema: Schema, value: unknown, errors: readonly ErrorObject[]): string {
  const found = schema['writeOnly'] === true ? 'a value that does not fit' : quoted(value);
  const inside = errors.filter(
    (error) => error.instancePath !== '' && schema['writeOnly'] !== true,
  );
  const where = [...new Set(inside.map((error) => `${error.instancePath} ${error.message ?? ''}`))];
  const detail = where.length > 0 ? ` (${where.slice(0, 5).join(', ')})` : '';
  return `found ${found}; accepted: ${accepted(schema)}${detail}`;
}
