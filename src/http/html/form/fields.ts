/** A process description → the fields of its form, as plain data. */
import {
  isRequired,
  type InputDescription,
  type ProcessDescription,
  type Schema,
} from '../../../processes/description.ts';
import type { Choice, Companion } from './companion.ts';

/** How a field looks. A `choice` is a row of cards, a `list` one to pull down. */
export type FieldKind = 'choice' | 'list' | 'line' | 'text' | 'address' | 'secret' | 'number';

export interface Option extends Choice {
  readonly value: string;
}

export interface Field {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly kind: FieldKind;
  /** JSON types that the input takes, with one space between them. */
  readonly types: string;
  readonly isRequired: boolean;
  readonly byDefault?: string;
  readonly options: readonly Option[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

/** More choices than this are a list. */
const mostCards = 6;
/** Longer texts get more than a line. */
const longestLine = 4096;

export function fieldsOf(description: ProcessDescription, companion?: Companion): readonly Field[] {
  return Object.entries(description.inputs).map(([id, input]) => fieldOf(id, input, companion));
}

function fieldOf(id: string, input: InputDescription, companion?: Companion): Field {
  const { schema } = input;
  const values = choicesOf(schema);
  const question = companion?.questions[id];
  const words = companion?.choices[id] ?? {};
  const byDefault = schema['default'];
  return {
    id,
    title: question?.title ?? input.title,
    help: question?.help ?? input.description ?? '',
    kind: kindOf(schema, values),
    types: [...new Set(typesOf(schema))].join(' '),
    isRequired: isRequired(input),
    ...(byDefault !== undefined && { byDefault: fieldText(byDefault) }),
    options: values.map((value) => ({ title: value, ...words[value], value })),
    ...limits(schema),
  };
}

/** A value as the text of a field. */
export function fieldText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function choicesOf(schema: Schema): readonly string[] {
  if (Array.isArray(schema['enum'])) return schema['enum'].map(fieldText);
  return schema['type'] === 'boolean' ? ['true', 'false'] : [];
}

function kindOf(schema: Schema, values: readonly string[]): FieldKind {
  if (values.length > 0) return values.length > mostCards ? 'list' : 'choice';
  if (schema['writeOnly'] === true) return 'secret';
  if (schema['format'] === 'uri') return 'address';
  if (schema['type'] === 'integer' || schema['type'] === 'number') return 'number';
  const isPlain = schema['type'] === 'string' && schema['contentMediaType'] === undefined;
  const isShort = Number(schema['maxLength'] ?? 0) <= longestLine;
  const isChoiceOfLine = Array.isArray(schema['oneOf']);
  return (isPlain && isShort) || isChoiceOfLine ? 'line' : 'text';
}

function typesOf(schema: Schema): readonly string[] {
  if (typeof schema['type'] === 'string') return [schema['type']];
  const parts = schema['oneOf'] ?? schema['anyOf'] ?? schema['allOf'];
  return Array.isArray(parts) ? parts.flatMap((part) => typesOf(part as Schema)) : [];
}

function limits(schema: Schema): Partial<Pick<Field, 'minimum' | 'maximum' | 'maxLength'>> {
  const { minimum, maximum, maxLength } = schema;
  return {
    ...(typeof minimum === 'number' && { minimum }),
    ...(typeof maximum === 'number' && { maximum }),
    ...(typeof maxLength === 'number' && { maxLength }),
  };
}
