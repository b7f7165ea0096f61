import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersBefore } from '../../src/http/openapi.ts';
import { routes } from '../../src/http/routes.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly $ref: string }>>;
  readonly parameters?: readonly { readonly $ref?: string; readonly in?: string }[];
}
interface Definition {
  readonly openapi: string;
  readonly security: readonly unknown[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, Component>>>>;
}
interface Component {
  readonly content?: Readonly<Record<string, { readonly schema?: { readonly $ref?: string } }>>;
}

const mediaType = 'application/vnd.oai.openapi+json;version=3.0';

let server: TestServer;
let definition: Definition;
beforeAll(async () => {
  server = await startTestServer();
  const answer = await fetch(`${server.root}/api`);
  definition = (await answer.json()) as Definition;
});
afterAll(() => server.close());

const component = (reference: string): Component | undefined => {
  const [, , section = '', name = ''] = reference.split('/');
  return definition.components[section]?.[name];
};

describe('the API definition', () => {
  it('/req/oas30/oas-definition-1: has the media type that its link says', async () => {
    const { body } = await server.request.get('/').expect(200);
    const link = (body as { links: { rel: string; type: string; href: string }[] }).links.find(
      ({ rel }) => rel === 'service-desc',
    );
    expect(link).toMatchObject({ type: mediaType, href: `${server.root}/api` });
    const answer = await server.request.get('/api').expect(200);
    expect(answer.headers['content-type']).toBe(mediaType);
  });

  it('/req/oas30/oas-definition-2: is OpenAPI 3.0, whole in itself', () => {
    expect(definition.openapi).toMatch(/^3\.0\.\d$/);
    const references = [...JSON.stringify(definition).matchAll(/"\$ref":"([^"]+)"/g)];
    const lost = references.map(([, reference = '']) => reference).filter((one) => !component(one));
    expect(references.length).toBeGreaterThan(0);
    expect(lost).toEqual([]);
  });

  // What it says of answers is compared with every answer of every test (test/support/server.ts).
  it('/req/oas30/oas-impl: every operation is there, with every method that the server allows', async () => {
    for (const [path, operations] of Object.entries(definition.paths)) {
      const { headers } = await server.request.options(path.replaceAll(/[{}]/g, ''));
      const allowed = String(headers['allow']).toLowerCase().split(', ');
      const declared = Object.keys(operations);
      expect(allowed.filter((method) => !['head', 'options'].includes(method)).toSorted()).toEqual(
        declared.toSorted(),
      );
    }
    expect(Object.keys(definition.paths)).toHaveLength(
      new Set(routes.map(({ path }) => path)).size,
    );
  });

  it('/req/oas30/completeness: every operation lists every status that its route may answer', () => {
    for (const route of routes) {
      const { path, method } = route;
      const answers = { ...answersBefore(route, false), ...route.answers };
      const declared = definition.paths[path]?.[method]?.responses ?? {};
      expect([path, Object.keys(declared).toSorted()]).toEqual([
        path,
        Object.keys(answers).toSorted(),
      ]);
    }
  });

  it('/req/oas30/exceptions-codes: what is an error tells a problem in JSON, plain 404s of files apart', () => {
    const errors = Object.values(definition.paths)
      .flatMap((operations) => Object.values(operations))
      .flatMap(({ responses }) => Object.entries(responses))
      .filter(([status]) => Number(status) >= 400)
      .map(([, { $ref: reference }]) => reference)
      .filter((reference) => !/(?:PlainNotFound|NotReady)$/.test(reference));
    const others = [...new Set(errors)].filter((reference) => {
      const schema = component(reference)?.content?.['application/json']?.schema;
      return schema?.$ref !== '#/components/schemas/Problem';
    });
    expect(others).toEqual([]);
  });

  it('/req/oas30/security: says that there is none', () => {
    expect(definition.security).toEqual([]);
    expect(definition.components).not.toHaveProperty('securitySchemes');
  });
});
