/** The API definition for people: every operation with its parameters and answers. */
import type { Links } from '../../links.ts';
import { card, facts } from '../marks.ts';
import { localHref, type Page } from '../page.ts';
import { html, type Html } from '../template.ts';

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly parameters?: readonly { readonly name?: string; readonly $ref?: string }[];
  readonly requestBody?: object;
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly description?: string }>
  >;
}

export interface Definition {
  readonly info: { readonly title: string; readonly description: string; readonly version: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, { readonly description: string }>>;
  };
}

/** Every operation, by tag. */
export function definitionView(definition: Definition, links: Links): Page {
  const { info, tags, paths } = definition;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return {
    title: 'API',
    current: 'api',
    here: 'API',
    heading: info.title,
    lead: info.description,
    body: html`<p>Version ${info.version}. Programs read <a href="${localHref(links, links.api())}?f=json" rel="service-desc" type="application/vnd.oai.openapi+json;version=3.0">the OpenAPI 3.0 document</a>.</p>
${tags.map(({ name, description }) =>
  card(
    `tag-${name.toLowerCase()}`,
    name,
    html`<p>${description}</p>${operations
      .filter(({ operation }) => operation.tags.includes(name))
      .map(
        ({ path, method, operation }) =>
          html`<details><summary><code>${method.toUpperCase()} ${path}</code> ${operation.summary}</summary>${operationFacts(operation, definition)}</details>`,
      )}`,
  ),
)}`,
  };
}

function operationFacts(operation: Operation, { components }: Definition): Html {
  const parameters = (operation.parameters ?? []).map(({ name, $ref }) => name ?? lastWord($ref));
  const answers = Object.entries(operation.responses).map(([status, { $ref, description }]) => {
    const text = description ?? components.responses[lastWord($ref)]?.description ?? '';
    return [html`<b>${status}</b>`, text] as const;
  });
  return html`${facts([
    ['Operation', html`<code>${operation.operationId}</code>`],
    ['Parameters', parameters.length > 0 ? html`<code>${parameters.join(', ')}</code>` : 'none'],
    ['Body', operation.requestBody === undefined ? 'none' : 'JSON: an execute request'],
  ])}<h3>Answers</h3>${facts(answers)}`;
}

function lastWord(reference = ''): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}
