/** What a browser sends for a form → the body of an execute request. The domain judges it. */
import type { ProcessDescription } from '../../../processes/description.ts';
import { companionOf } from './companion.ts';
import { fieldsOf } from './fields.ts';
import { valueOf } from './value.ts';

/** Texts by the names of fields. */
export type FieldTexts = Readonly<Record<string, string>>;

/** The texts of a parsed form: of a name that is there more than once, the last. */
export function textsOf(body: unknown): FieldTexts {
  const entries = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  return Object.fromEntries(
    entries.map(([name, value]) => [name, String(Array.isArray(value) ? value.at(-1) : value)]),
  );
}

/**
 * The execute request of a form: a field without text was not filled in, and fields of a group that
 * is of no use were not meant.
 */
export function executeBody(
  description: ProcessDescription,
  texts: FieldTexts,
): { readonly inputs: Readonly<Record<string, unknown>> } {
  const group = companionOf(description.id)?.group;
  const isMeant = (id: string): boolean =>
    group === undefined ||
    !group.inputs.includes(id) ||
    texts[group.when.input] === group.when.value;
  const types = new Map(fieldsOf(description).map((field) => [field.id, field.types]));
  const given = Object.entries(texts).filter(([id, text]) => text !== '' && isMeant(id));
  return {
    inputs: Object.fromEntries(
      given.map(([id, text]) => [id, valueOf(text, types.get(id) ?? 'string')]),
    ),
  };
}
