/** Errors → status, type and title: one row per class of `errors.ts`; a test asserts that none is missing. */
import * as errors from '../errors.ts';

export interface Row {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  /** When asking again is worth while. */
  readonly retryAfterSeconds?: number;
}

const ogc = 'http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0';
/** Our own causes. Stable names, not addresses of pages. */
export const own = 'urn:senseiv2-cloudmask:problem';

export const internalRow: Row = {
  status: 500,
  type: `${own}:internal-error`,
  title: 'Internal error',
};
const modelRow: Row = {
  status: 500,
  type: `${own}:model-unusable`,
  title: 'The model of this server is not usable',
};
const gone: Row = { status: 410, type: `${own}:results-expired`, title: 'The results are gone' };

/** By the class of the error. */
export const rows = new Map<unknown, Row>([
  [
    errors.InvalidInputs,
    {
      status: 400,
      type: `${own}:invalid-execute-request`,
      title: 'The execute request is not valid',
    },
  ],
  [
    errors.InvalidParameter,
    {
      status: 400,
      type: `${own}:invalid-query-parameter`,
      title: 'A query parameter is not valid',
    },
  ],
  [
    errors.InvalidHeader,
    { status: 400, type: `${own}:invalid-header`, title: 'A header is not valid' },
  ],
  [
    errors.KeyReused,
    {
      status: 422,
      type: `${own}:idempotency-key-reused`,
      title: 'The Idempotency-Key belongs to another request',
    },
  ],
  [
    errors.CredentialsMissing,
    { status: 401, type: `${own}:credentials-missing`, title: 'Credentials are needed' },
  ],
  [
    errors.CredentialsRefused,
    { status: 401, type: `${own}:credentials-refused`, title: 'The credentials are not accepted' },
  ],
  [
    errors.IssuerUnavailable,
    {
      status: 503,
      type: `${own}:issuer-unavailable`,
      title: 'Tokens cannot be checked',
      retryAfterSeconds: 10,
    },
  ],
  [
    errors.TooManyRequests,
    { status: 429, type: `${own}:too-many-requests`, title: 'Too many requests' },
  ],
  [
    errors.NoRoom,
    {
      status: 503,
      type: `${own}:no-room`,
      title: 'The server has no room',
      retryAfterSeconds: 60,
    },
  ],
  [
    errors.ProductRefused,
    { status: 400, type: `${own}:product-refused`, title: 'The product cannot be masked' },
  ],
  [
    errors.AddressNotAllowed,
    { status: 400, type: `${own}:address-not-allowed`, title: 'The address is not allowed' },
  ],
  [
    errors.TransferFailed,
    { status: 502, type: `${own}:transfer-failed`, title: 'The product cannot be brought' },
  ],
  [
    errors.DeliveryRefused,
    {
      status: 400,
      type: `${own}:delivery-refused`,
      title: 'The results cannot be delivered there',
    },
  ],
  [
    errors.DeliveryFailed,
    { status: 502, type: `${own}:delivery-failed`, title: 'The results could not be delivered' },
  ],
  [errors.NoSuchProcess, { status: 404, type: `${ogc}/no-such-process`, title: 'No such process' }],
  [errors.NoSuchJob, { status: 404, type: `${ogc}/no-such-job`, title: 'No such job' }],
  [errors.NoSuchOutput, { status: 404, type: `${own}:no-such-output`, title: 'No such output' }],
  [
    errors.ResultsNotReady,
    { status: 404, type: `${ogc}/result-not-ready`, title: 'Results are not ready' },
  ],
  [errors.ResultsExpired, gone],
  [
    errors.JobDismissed,
    { status: 410, type: `${own}:job-dismissed`, title: 'The job was dismissed' },
  ],
  [errors.JobFailed, { status: 500, type: `${own}:job-failed`, title: 'The job failed' }],
  [
    errors.QueueFull,
    {
      status: 429,
      type: `${own}:queue-full`,
      title: 'Too many jobs are waiting',
      retryAfterSeconds: 60,
    },
  ],
  [
    errors.QuotaReached,
    {
      status: 429,
      type: `${own}:quota-reached`,
      title: 'Too much of yours is waiting',
      retryAfterSeconds: 60,
    },
  ],
  [
    errors.TooBusy,
    {
      status: 503,
      type: `${own}:too-busy`,
      title: 'Too many synchronous executions',
      retryAfterSeconds: 5,
    },
  ],
  [
    errors.SecretsLost,
    { status: 500, type: `${own}:secrets-lost`, title: 'Sealed secrets cannot be opened' },
  ],
  [errors.Cancelled, { status: 503, type: `${own}:cancelled`, title: 'The work was stopped' }],
  [errors.ModelUnusable, modelRow],
  [
    errors.Misconfigured,
    { status: 500, type: `${own}:misconfigured`, title: 'The server is not configured well' },
  ],
  [
    errors.CheckpointRefused,
    { status: 500, type: `${own}:checkpoint-refused`, title: 'The checkpoint cannot be used' },
  ],
  [
    errors.StoreUnavailable,
    {
      status: 503,
      type: `${own}:store-unavailable`,
      title: 'The store of the results does not answer',
      retryAfterSeconds: 10,
    },
  ],
  [
    errors.DatabaseUnavailable,
    {
      status: 503,
      type: `${own}:database-unavailable`,
      title: 'The database does not answer',
      retryAfterSeconds: 10,
    },
  ],
  [errors.Unusable, { status: 500, type: `${own}:unusable`, title: 'The server is damaged' }],
]);

/** Results of a failed job answer with a code that fits the cause. /req/core/job-results-failed */
export const failureRows: Readonly<Record<string, Row>> = {
  'bad-input': {
    status: 400,
    type: `${own}:job-failed:bad-input`,
    title: 'The job failed because of its inputs',
  },
  'transfer-failed': {
    status: 502,
    type: `${own}:job-failed:transfer-failed`,
    title: 'The product could not be brought',
  },
  'no-room': {
    status: 500,
    type: `${own}:job-failed:no-room`,
    title: 'The server had no room',
  },
  'delivery-failed': {
    status: 502,
    type: `${own}:job-failed:delivery-failed`,
    title: 'The results could not be delivered',
  },
  'model-unusable': modelRow,
  interrupted: {
    status: 500,
    type: `${own}:job-failed:interrupted`,
    title: 'The job was interrupted',
  },
  'out-of-memory': {
    status: 500,
    type: `${own}:job-failed:out-of-memory`,
    title: 'The job needed too much memory',
  },
  'file-too-large': {
    status: 500,
    type: `${own}:job-failed:file-too-large`,
    title: 'The job wrote too large a file',
  },
  'out-of-time': {
    status: 500,
    type: `${own}:job-failed:out-of-time`,
    title: 'The job took too long',
  },
  crashed: {
    status: 500,
    type: `${own}:job-failed:crashed`,
    title: 'The computation ended unexpectedly',
  },
};
