/** A process: its form, the same as a request, and its whole description. */
import type {
  InputDescription,
  OutputDescription,
  ProcessDescription,
} from '../../../processes/description.ts';
import { isRequired, mediaTypeOf } from '../../../processes/description.ts';
import type { InputFault } from '../../../errors.ts';
import type { Link, Links } from '../../links.ts';
import { cloudMaskCompanion } from '../form/cloudmask-companion.ts';
import { companionOf } from '../form/companion.ts';
import { fieldsOf, fieldText, type Field } from '../form/fields.ts';
import { faultsOf, formFields } from '../form/form-view.ts';
import { executeBody, type FieldTexts } from '../form/submission.ts';
import { card, facts, snippet } from '../marks.ts';
import { localHref, type Page } from '../page.ts';
import { html, type Html } from '../template.ts';
import { linkList } from './about.ts';

export interface ProcessPage {
  readonly document: ProcessDescription & { readonly links: readonly Link[] };
  readonly links: Links;
  /** What the fields hold: after a refused form, or taken from an earlier job. */
  readonly texts?: FieldTexts;
  readonly faults?: readonly InputFault[];
}

/** What must I type, what will it cost, how would a program do it. */
export function processView({ document, links, texts = {}, faults = [] }: ProcessPage): Page {
  const companion = companionOf(document.id);
  const fields = fieldsOf(document, companion);
  const action = localHref(links, links.execution(document.id));
  const state = { texts, faults };
  return {
    title: faults.length > 0 ? `Refused · ${document.title}` : document.title,
    ...(document.id === cloudMaskCompanion.processId && { current: 'mask' as const }),
    crumbs: [{ name: 'Processes', href: links.processes() }],
    here: document.id,
    heading: companion?.heading ?? document.title,
    lead: companion?.lead ?? document.description,
    scripts: ['form'],
    body: html`${faults.length > 0 && summary(faults, fields)}
<div class="two"><form id="execute" class="card form" action="${action}" method="post" autocomplete="off">
${formFields(fields, companion, state)}
<p class="row no-print"><button class="btn main" type="submit">Start the job</button><span class="small quiet">The next page follows it.</span></p></form>
<aside class="stack stick" aria-label="About this process">
${card('req', 'The same by API', request(document, links, fields))}
${card('about', 'This process', about(document))}
</aside></div>
${card('desc', 'Full description', fullDescription(document, links))}`,
  };
}

function summary(faults: readonly InputFault[], fields: readonly Field[]): Html {
  const known = fields.find(({ id }) => faultsOf(id, { texts: {}, faults }).length > 0);
  return html`<section class="card notice" role="alert" aria-labelledby="h-faults"><h2 id="h-faults">The form cannot be taken like this</h2>
<ul>${faults.map(({ input, message }) => {
    const field = fields.find(({ id }) => input === id || input.startsWith(`${id}/`));
    return html`<li>${field === undefined ? html`<b>${input}</b>` : html`<a href="#f-${field.id}">${field.title}</a> (<code>${input}</code>)`}: ${message}</li>`;
  })}</ul>
${known !== undefined && html`<p class="small quiet">Everything that you filled in is still there, except secrets.</p>`}</section>`;
}

function request(document: ProcessDescription, links: Links, fields: readonly Field[]): Html {
  const required = fields.filter((field) => field.isRequired).map(({ id }) => [id, '…']);
  const body = JSON.stringify(executeBody(document, Object.fromEntries(required)));
  const curl = `curl -X POST '${links.execution(document.id)}' \\\n  -H 'Content-Type: application/json' \\\n  -H 'Prefer: respond-async' \\\n  -d '${body}'`;
  return snippet('request', 'The request that this form sends', curl);
}

function about({
  id,
  version,
  description,
  keywords,
  jobControlOptions,
  outputTransmission,
}: ProcessDescription): Html {
  return html`<details><summary>What it does</summary><p>${description}</p></details>${facts([
    ['Id', html`<span class="id">${id}</span>`],
    ['Version', version],
    ['Keywords', keywords?.join(', ')],
    ['Can be', jobControlOptions.join(', ')],
    ['Outputs by', outputTransmission.join(', ')],
  ])}`;
}

function fullDescription(
  { inputs, outputs, links: own }: ProcessPage['document'],
  links: Links,
): Html {
  return html`<details><summary>Inputs</summary>${Object.entries(inputs).map(([id, input]) => inputFacts(id, input))}</details>
<details><summary>Outputs</summary>${Object.entries(outputs).map(([id, output]) => outputFacts(id, output))}</details>
<details><summary>Links</summary>${linkList(links, own)}</details>`;
}

function inputFacts(id: string, input: InputDescription): Html {
  const { schema } = input;
  const values = Array.isArray(schema['enum'])
    ? schema['enum'].map(fieldText).join(' · ')
    : undefined;
  const byDefault = schema['default'];
  return html`<h3>${input.title} <code>${id}</code></h3><p>${input.description ?? ''}</p>${facts([
    ['Required', isRequired(input) ? 'yes' : 'no'],
    ['Values', values],
    ['Default', byDefault === undefined ? undefined : fieldText(byDefault)],
    ['Secret', schema['writeOnly'] === true ? 'never stored in clear or shown again' : undefined],
  ])}`;
}

function outputFacts(id: string, output: OutputDescription): Html {
  return html`<h3>${output.title} <code>${id}</code></h3><p>${output.description ?? ''}</p>${facts([
    ['Media type', mediaTypeOf(output.schema)],
  ])}`;
}
