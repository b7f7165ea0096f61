/** The fields of a form as HTML. */
import type { InputFault } from '../../../errors.ts';
import { swatch } from '../classes.ts';
import { html, type Html } from '../template.ts';
import type { Companion, FieldGroup } from './companion.ts';
import type { Field, Option } from './fields.ts';
import type { FieldTexts } from './submission.ts';

export interface FormState {
  readonly texts: FieldTexts;
  readonly faults: readonly InputFault[];
}

/** All fields; those of the companion's group stand together behind the field that they depend on. */
export function formFields(
  fields: readonly Field[],
  companion: Companion | undefined,
  state: FormState,
): Html {
  const group = companion?.group;
  const grouped = new Set(group?.inputs);
  const alone = fields.filter(({ id }) => !grouped.has(id));
  return html`${alone.map(
    (field) => html`<div class="field">${fieldView(field, state)}
${group?.when.input === field.id && groupView(group, fields, state)}</div>`,
  )}`;
}

function groupView(group: FieldGroup, fields: readonly Field[], state: FormState): Html {
  const own = fields.filter(({ id }) => group.inputs.includes(id));
  return html`<fieldset class="s3" data-required="${group.required.join(' ')}"><legend>${group.title}</legend><p class="help">${group.help}</p><div class="fields">${own.map((field) => html`<div>${fieldView(field, state)}</div>`)}</div></fieldset>`;
}

function fieldView(field: Field, state: FormState): Html {
  return field.kind === 'choice' ? choiceView(field, state) : labelled(field, state);
}

/** A field with options: one card for each. */
function choiceView(field: Field, state: FormState): Html {
  const chosen = state.texts[field.id] ?? field.byDefault;
  const tight = field.options.some(({ cost }) => cost !== undefined) ? 'tight' : '';
  return html`<fieldset id="f-${field.id}" data-types="${field.types}" aria-describedby="${describedBy(field, state)}"><legend>${field.title}</legend>${helpAndFaults(field, state)}
<div class="choices ${tight}">${field.options.map((option) => card(field, option, chosen === option.value))}</div></fieldset>`;
}

function card(
  field: Field,
  { value, title, text, classes, cost }: Option,
  isChosen: boolean,
): Html {
  const width = `${(100 * (cost ?? 0)).toFixed(1)}%`;
  return html`<label class="choice"><input type="radio" name="${field.id}" value="${value}"${isChosen && html` checked`}${field.isRequired && html` required`}><b>${title}</b>${text !== undefined && html`<small>${text}</small>`}${classes !== undefined && html`<span class="row" aria-hidden="true">${classes.map(swatch)}</span>`}${cost !== undefined && html`<svg class="cost" aria-hidden="true"><rect width="100%" height="100%" rx="3"/><rect width="${width}" height="100%" rx="3"/></svg>`}</label>`;
}

function labelled(field: Field, state: FormState): Html {
  const mark = field.isRequired && html` <span class="quiet">(required)</span>`;
  return html`<label class="label" for="f-${field.id}">${field.title}${mark}</label>${helpAndFaults(field, state)}${control(field, state)}`;
}

function control(field: Field, state: FormState): Html {
  const { id, kind, types } = field;
  const isWrong = faultsOf(id, state).length > 0;
  const common = html` id="f-${id}" name="${id}" data-types="${types}" aria-describedby="${describedBy(field, state)}"${isWrong && html` aria-invalid="true"`}${field.isRequired && html` required`}`;
  // Secrets are never sent back.
  if (kind === 'secret') return html`<input type="password"${common} autocomplete="new-password">`;
  const text = state.texts[id] ?? field.byDefault ?? '';
  if (kind === 'list')
    return html`<select${common}><option value="">–</option>${field.options.map(({ value, title }) => html`<option value="${value}"${value === text && html` selected`}>${title}</option>`)}</select>`;
  const plain = html` spellcheck="false" autocapitalize="off"`;
  // The first line break behind the tag is none of the text.
  if (kind === 'text') return html`<textarea${common}${plain} rows="3">\n${text}</textarea>`;
  if (kind === 'number') return html`<input type="number"${common}${range(field)} value="${text}">`;
  return html`<input type="${kind === 'address' ? 'url' : 'text'}"${common}${plain} autocomplete="off" value="${text}">`;
}

function range({ types, minimum, maximum }: Field): Html {
  const step = types === 'integer' ? '1' : 'any';
  return html` step="${step}"${minimum !== undefined && html` min="${minimum}"`}${maximum !== undefined && html` max="${maximum}"`}`;
}

/** Faults of an input, or of something inside it (`product/href`). */
export function faultsOf(id: string, { faults }: FormState): readonly InputFault[] {
  return faults.filter(({ input }) => input === id || input.startsWith(`${id}/`));
}

function describedBy({ id }: Field, state: FormState): string {
  return faultsOf(id, state).length > 0 ? `h-${id} e-${id}` : `h-${id}`;
}

function helpAndFaults({ id, help }: Field, state: FormState): Html {
  const faults = faultsOf(id, state);
  return html`<p class="help" id="h-${id}">${help}</p>${faults.length > 0 && html`<p class="fault" id="e-${id}">${faults.map(({ message }) => message).join('; ')}</p>`}`;
}
