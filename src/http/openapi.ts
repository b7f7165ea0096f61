/**
 * The API definition, made from the table of routes.
 * /req/oas30/oas-definition-2, /req/oas30/oas-impl, /req/oas30/completeness
 */
import type { Schemes } from '../authentication/authenticator.ts';
import { openApiMediaType } from './links.ts';
import { parameters } from './openapi-parameters.ts';
import { schemas } from './openapi-schemas.ts';
import type { Route } from './routes.ts';

const ref = (section: string, name: string) => ({ $ref: `#/components/${section}/${name}` });

const json = (schema: keyof typeof schemas) => ({
  'application/json': { schema: ref('schemas', schema) },
});

const ok = (description: string, schema: keyof typeof schemas) => ({
  description,
  content: json(schema),
});

/** What `sendDocument` sends. */
const page = { 'text/html': { schema: { type: 'string' } } };

/** A document that is a page as well. /req/html/definition */
const document = (description: string, schema: keyof typeof schemas) => ({
  description,
  content: { ...json(schema), ...page },
});

/** /req/oas30/exceptions-codes */
const problem = (description: string) => ({
  description,
  content: {
    ...json('Problem'),
    'application/problem+json': { schema: ref('schemas', 'Problem') },
    // For browsers: also a refused form, whatever it accepts.
    ...page,
  },
});

const binary = { schema: { type: 'string', format: 'binary' } };
const anyJson = [
  ...['object', 'string', 'number', 'boolean'].map((type) => ({ type })),
  { type: 'array', items: {} },
];
/** Documents among the files are JSON of their own. */
const anyFile = {
  'application/json': { schema: {} },
  'application/geo+json': { schema: {} },
  '*/*': binary,
};
const header = (description: string) => ({ description, schema: { type: 'string' } });
const fileHeaders = {
  'Accept-Ranges': header('bytes'),
  ETag: header('SHA-256 of the whole file.'),
  'Last-Modified': header('When the file was made.'),
};

const busy = (description: string) => ({
  ...problem(description),
  headers: { 'Retry-After': header('Seconds after which it is worth while to ask again.') },
});

const responses = {
  LandingPage: document('Links to everything.', 'LandingPage'),
  Conformance: document('Conformance classes that are implemented.', 'Conformance'),
  ApiDefinition: {
    description: 'An OpenAPI 3.0 document.',
    content: { [openApiMediaType]: { schema: { type: 'object' } }, ...page },
  },
  Health: document('The server is alive.', 'Health'),
  Readiness: document('What is ready and what is not.', 'Readiness'),
  ProcessList: document('Processes, by id.', 'ProcessList'),
  Process: document('Inputs and outputs of the process.', 'Process'),
  StatusInfo: document('Status of the job.', 'StatusInfo'),
  Dismissed: ok('The job was dismissed.', 'StatusInfo'),
  JobList: document('Jobs, newest first.', 'JobList'),
  JobInputs: document(
    'Input id → value. Secrets, and queries of addresses, are replaced by ***.',
    'Inputs',
  ),
  JobDefinition: document(
    'The execute request, with its defaults; secrets are replaced by ***.',
    'Execute',
  ),
  Provenance: document('A PROV-JSON document.', 'Provenance'),
  JobLog: document('What happened to the job, oldest first.', 'JobLog'),
  JobCreated: {
    ...ok('The job was accepted and will survive a restart.', 'StatusInfo'),
    headers: {
      Location: header('Absolute URL of the job.'),
      'Preference-Applied': header('Preferences that were honoured.'),
    },
  },
  Results: {
    description: 'Results, in the form that the execute request asked for.',
    content: {
      // One output alone may be any JSON.
      'application/json': { schema: { anyOf: [ref('schemas', 'Results'), ...anyJson] } },
      'multipart/related': { schema: { type: 'string' } },
      ...page,
      '*/*': binary,
    },
  },
  ResultLinks: {
    description: 'No content: a Link header for each output by reference, or no output.',
    headers: { Link: header('One for each output.') },
  },
  Output: {
    description: 'The output; a page where people can read it.',
    headers: fileHeaders,
    content: { ...anyFile, ...page },
  },
  File: { description: 'The file.', headers: fileHeaders, content: anyFile },
  PartOfFile: {
    description: 'The part of the file that the Range header asked for.',
    headers: { ...fileHeaders, 'Content-Range': header('Which bytes.') },
    content: { '*/*': binary },
  },
  Elsewhere: {
    description: 'The output lies in a bucket of the user, who may read it there.',
    headers: { Location: header('Address at the S3 service, without a signature.') },
  },
  FileElsewhere: {
    description:
      'Where the file can be had now, when the results are kept in a bucket: an address that lives for an hour. This link gives a new one each time.',
    headers: { Location: header('Address of the file, signed.') },
  },
  SeeOther: {
    description: 'For browsers: where to go on.',
    headers: { Location: header('Path of the page.') },
  },
  ForeignForm: problem('The form comes from a page of another site.'),
  BadForm: problem('The form is malformed.'),
  OnlyPost: problem('The process cannot be executed by GET.'),
  BadParameter: problem('A query parameter is not valid.'),
  BadRequest: problem('The execute request is not valid: all faults are listed.'),
  KeyReused: problem('The Idempotency-Key belongs to another execute request.'),
  FailedByInputs: problem('The job failed because of its inputs.'),
  FailedByTransfer: problem('The job failed because its product could not be brought.'),
  NotFound: problem('There is no such process, job or output, or results are not ready.'),
  PlainNotFound: {
    description: 'There is no such file, or the link is wrong.',
    content: { 'text/plain': { schema: { type: 'string' } } },
  },
  NotModified: { description: 'It is what the ETag in If-None-Match says, or not newer.' },
  PreconditionFailed: problem('If-Match or If-Unmodified-Since does not hold.'),
  MalformedPath: problem('The path holds a "%" that begins no character.'),
  Gone: problem('The job was dismissed, or its results have expired.'),
  BodyTooLarge: problem('The request body is too large.'),
  UnsupportedMediaType: problem('The request body is not JSON, or its encoding is unknown.'),
  RangeNotSatisfiable: problem('The file does not have these bytes.'),
  ServerError: problem('Something failed in the server, or the job failed.'),
  TooManyRequests: busy('You ask too often: the text says how often you may.'),
  QueueFull: busy('So many jobs wait that no more is accepted, or you ask too often.'),
  TooBusy: busy('Too many synchronous executions, or the server is starting.'),
  Starting: busy('The server is starting.'),
  NotReady: {
    description: 'Something is not ready, or the server is starting or stopping.',
    content: {
      'application/json': {
        schema: { oneOf: [ref('schemas', 'Readiness'), ref('schemas', 'Problem')] },
      },
      ...page,
    },
  },
};

/** Where it has to be said who asks. */
const refusals = {
  Unauthenticated: {
    ...problem('It has to be said who asks, and what was said is not accepted.'),
    headers: { 'WWW-Authenticate': header('How to say who asks.') },
  },
};

const tags = [
  { name: 'Server', description: 'The server about itself.' },
  { name: 'Processes', description: 'What can be run.' },
  { name: 'Jobs', description: 'What is running, has run or will run.' },
  { name: 'Results', description: 'What came out of it.' },
];

export interface Described {
  /** The public one. */
  readonly root: string;
  readonly version: string;
  readonly schemes: Schemes;
}

/** The definition of an API with these routes. */
export function apiDefinition(routes: readonly Route[], { root, version, schemes }: Described) {
  const paths: Record<string, Record<string, object>> = {};
  const securitySchemes = schemesOf(schemes);
  const security = securityOf(schemes);
  for (const route of routes)
    (paths[route.path] ??= {})[route.method] = operation(route, security.length > 0);
  return {
    openapi: '3.0.3',
    info: {
      title: 'SEnSeIv2 cloud masks',
      description:
        'OGC API - Processes server that makes cloud and cloud-shadow masks of satellite products. HEAD is possible wherever GET is.',
      version,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: root }],
    // /req/oas30/security: where there is none, the definition says so.
    security,
    tags,
    paths,
    components: {
      schemas,
      responses: { ...responses, ...(security.length > 0 && refusals) },
      parameters,
      ...(security.length > 0 && { securitySchemes }),
    },
  };
}

const form = (description: string) => ({
  'application/x-www-form-urlencoded': {
    schema: { type: 'object', description, additionalProperties: { type: 'string' } },
  },
});
const requestBodies = {
  json: {
    required: true,
    content: { ...json('Execute'), ...form('Input id → text, as the form on the page sends it.') },
  },
  form: { required: true, content: form('_method: DELETE') },
};

/** /req/oas30/security */
function schemesOf({ hasKeys, issuer }: Schemes): Record<string, object> {
  return {
    ...(hasKeys && {
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key.' },
      basic: {
        type: 'http',
        scheme: 'basic',
        description: 'An API key as the password, with any user name: for browsers and QGIS.',
      },
    }),
    bearer: {
      type: 'http',
      scheme: 'bearer',
      description: [
        ...(hasKeys ? ['An API key'] : []),
        ...(issuer === undefined ? [] : [`an access token of ${issuer}`]),
      ].join(', or '),
    },
    ...(issuer !== undefined && {
      openId: {
        type: 'openIdConnect',
        openIdConnectUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      },
    }),
  };
}

/** One of them is enough; `{}` is nothing at all. */
function securityOf(schemes: Schemes): readonly object[] {
  const { hasKeys, issuer, allowsAnonymous } = schemes;
  if (!hasKeys && issuer === undefined) return [];
  const names = Object.keys(schemesOf(schemes));
  return [...(allowsAnonymous ? [{}] : []), ...names.map((name) => ({ [name]: [] }))];
}

/** What a request may meet before its handler: every status that is not the handler's own. */
export function answersBefore(
  route: Route,
  hasSecurity: boolean,
): Readonly<Record<number, string>> {
  return {
    ...(hasSecurity && route.isPublic !== true && { 401: 'Unauthenticated' }),
    ...(route.counted !== 'never' && { 429: 'TooManyRequests' }),
  };
}

function operation(route: Route, hasSecurity: boolean): object {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const named = (route.parameters ?? []).map((name) => ref('parameters', name));
  const declared = { ...answersBefore(route, hasSecurity), ...route.answers };
  const answers = Object.entries(declared).map(([status, name]) => [
    status,
    ref('responses', name),
  ]);
  const body = route.body && requestBodies[route.body];
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(hasSecurity && route.isPublic === true && { security: [] }),
    ...(inPath.length + named.length > 0 && { parameters: [...inPath, ...named] }),
    ...(body && { requestBody: body }),
    responses: Object.fromEntries(answers),
  };
}
