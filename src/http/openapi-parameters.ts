/** Query and header parameters of the API definition. */
import { jobStatuses, mostFilterValues } from './job-filters.ts';
import { defaultLimit, maxLimit } from './paging.ts';

const inQuery = (name: string, description: string, schema: object) => ({
  name,
  in: 'query',
  description,
  schema,
});

/** `a,b` is advertised; repeated parameters are understood too. */
const list = (name: string, description: string, items: object) => ({
  ...inQuery(name, description, { type: 'array', minItems: 1, maxItems: mostFilterValues, items }),
  style: 'form',
  explode: false,
});

const seconds = { type: 'integer', minimum: 0, maximum: 999_999_999 };
const time = String.raw`\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)`;

export const parameters = {
  limit: inQuery('limit', 'At most so many items.', {
    type: 'integer',
    minimum: 1,
    maximum: maxLimit,
    default: defaultLimit,
  }),
  cursor: inQuery('cursor', 'Where to go on; only from a "next" link.', { type: 'string' }),
  type: list('type', 'Kinds of jobs: all are processes here.', {
    type: 'string',
    enum: ['process'],
  }),
  processID: list('processID', 'Jobs of any of these processes.', {
    type: 'string',
    minLength: 1,
    maxLength: 200,
    pattern: '^[^,]+$',
  }),
  status: list('status', 'Jobs in any of these states.', { type: 'string', enum: jobStatuses }),
  datetime: inQuery(
    'datetime',
    'Jobs created at a time (RFC 3339; one without a fraction is a whole second) or in an interval with its ends: a/b, a/.. or ../b.',
    { type: 'string', pattern: `^(${time}|${time}/(${time}|\\.\\.)?|(\\.\\.)?/${time})$` },
  ),
  minDuration: list(
    'minDuration',
    'Jobs that computed at least so many seconds, running ones until now; of several values any.',
    seconds,
  ),
  maxDuration: list(
    'maxDuration',
    'Jobs that computed at most so many seconds, running ones until now; of several values any.',
    seconds,
  ),
  inputs: {
    ...inQuery('inputs', 'Inputs of the process by their ids, as a=x&d=1,2,3.', {
      type: 'object',
      additionalProperties: true,
    }),
    style: 'form',
    explode: true,
  },
  prefer: {
    name: 'Prefer',
    in: 'header',
    description:
      'respond-async asks for a job; return=minimal for links instead of values in a document of results, return=representation for values where they are small.',
    schema: { type: 'string' },
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'A key of the client (best a UUID). A request that is repeated with its key gets the job that it made the first time; another request with it is refused.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!#-~]+$' },
  },
};
