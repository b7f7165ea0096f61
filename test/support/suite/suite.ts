/**
 * What our own checks of the 54 points of the official suite have in common: the requests that the suite makes of the
 * description of the echo process, and the rules by which it judges answers. Not the official suite.
 */
import { Ajv } from 'ajv';
import supertest from 'supertest';
import { expect } from 'vitest';
import { schemas } from '../../../src/http/openapi-schemas.ts';
import { startTestServer } from '../server.ts';

/** The echo process as its description tells, and how to talk to the server. */
export interface Suite {
  readonly request: ReturnType<typeof supertest>;
  /** Absolute root of the API, without a slash at its end. */
  readonly root: string;
  readonly echo: EchoDescription;
  /** Inputs that the suite sends in nearly every request. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Every output by value. */
  readonly outputs: Readonly<Record<string, object>>;
  /** `POST …/execution` as the suite sends it. */
  execute(body: object, prefer?: string): supertest.Test;
  close(): Promise<void>;
}

interface EchoDescription {
  readonly inputs: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly outputs: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly [member: string]: unknown;
}

interface Schema {
  readonly type?: string;
  readonly contentMediaType?: string;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly { readonly format?: string }[];
}

const echoPath = '/processes/echo';

/** Where `npm run conformance` has a server already; without it each file starts its own. */
const url = process.env['CONFORMANCE_URL'];

/** The server whose points are checked; `close` ends it if it is ours. */
export async function openSuite(): Promise<Suite> {
  if (url !== undefined) {
    const root = url.replace(/\/$/, '');
    return { ...(await describeSuite(root, supertest(root))), close: () => Promise.resolve() };
  }
  const server = await startTestServer();
  return { ...(await describeSuite(server.root, server.request)), close: () => server.close() };
}

async function describeSuite(
  root: string,
  request: Suite['request'],
): Promise<Omit<Suite, 'close'>> {
  const { body } = await request.get(echoPath).set('Accept', 'application/json').expect(200);
  const echo = body as EchoDescription;
  const outputs = Object.keys(echo.outputs).map((id) => [id, { transmissionMode: 'value' }]);
  return {
    request,
    root,
    echo,
    inputs: defaultInputs(echo),
    outputs: Object.fromEntries(outputs) as Suite['outputs'],
    execute(sent, prefer) {
      const post = request
        .post(`${echoPath}/execution`)
        .set('Accept', 'application/json')
        .set('Content-Type', 'application/json; charset=UTF-8');
      return prefer === undefined ? post.send(sent) : post.set('Prefer', prefer).send(sent);
    },
  };
}

/** The first input is the string; of the others the suite sends what it can make up. */
function defaultInputs({ inputs }: EchoDescription): Record<string, unknown> {
  const values = Object.entries(inputs).map(([id, { schema }]) => [id, defaultValue(schema)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Record<
    string,
    unknown
  >;
}

function defaultValue(schema: Schema): unknown {
  if (schema.oneOf !== undefined) {
    const isObject = schema.oneOf.some((one) => one.type === 'object');
    return isObject ? { value: 'teststring' } : 'teststring';
  }
  const isPlainText = schema.type === 'string' && schema.contentMediaType === undefined;
  return isPlainText ? 'teststring' : undefined;
}

/** Id of the first input or output that is so. */
export function firstOf(
  descriptions: EchoDescription['inputs'],
  isWanted: (schema: Schema) => boolean,
): string {
  const found = Object.entries(descriptions).find(([, { schema }]) => isWanted(schema));
  if (found === undefined) throw new Error('The echo process has none: the suite would skip.');
  return found[0];
}

export const isArray = (schema: Schema): boolean =>
  schema.type === 'array' && schema.items?.type === 'integer';
export const isBbox = (schema: Schema): boolean => schema.allOf?.[0]?.format === 'ogc-bbox';

/** What is wrong with a document by a component schema of our API definition. */
export function faultsOf(name: keyof typeof schemas, document: unknown): unknown {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'api', components: { schemas } });
  const check = ajv.compile({ $ref: `api#/components/schemas/${name}` });
  return check(document) ? [] : check.errors;
}

/** A JSON exception of the standard. */
export function expectException(answer: supertest.Response, statuses: readonly number[]): void {
  expect(statuses).toContain(answer.status);
  expect(answer.headers['content-type']).toMatch(/^application\/json(?:;|$)/);
  expect(faultsOf('Problem', answer.body)).toEqual([]);
}

/** 201 with a Location at which a status document is, which is returned. */
export async function expectJob({ request, root }: Suite, answer: supertest.Response) {
  expect(answer.status).toBe(201);
  const location = String(answer.headers['location']);
  expect(location).toMatch(/^https?:\/\/[^?]*[^/?]$/);
  expect(location.startsWith(`${root}/jobs/`)).toBe(true);
  const path = location.slice(root.length);
  const { body } = await request
    .get(path)
    .set('Accept', 'application/json')
    .expect(200)
    .expect('Content-Type', /^application\/json/);
  expectStatusInfo(body);
  expect(body.processID).toBe('echo');
  return { path, status: body as StatusDocument };
}

export interface StatusDocument {
  readonly status: string;
  readonly links: readonly { readonly rel: string; readonly href: string }[];
}

/** Members are complete, none is null, and every link has a relation. */
export function expectStatusInfo(body: StatusDocument): void {
  expect(faultsOf('StatusInfo', body)).toEqual([]);
  expect(Object.values(body)).not.toContain(null);
  expect(body).toMatchObject({ type: 'process', processID: expect.any(String) });
  const rels = body.links.map(({ rel }) => rel);
  expect(rels).toContain('monitor');
  const results = 'http://www.opengis.net/def/rel/ogc/1.0/results';
  expect(rels.includes(results)).toBe(body.status === 'successful');
}

/** Any answer, read as text. */
export function asText(test: supertest.Test): supertest.Test {
  return test.buffer(true).parse((response, done) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => done(null, Buffer.concat(chunks).toString()));
  });
}
