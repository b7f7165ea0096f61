/**
 * The whole API on one screen. Router, API definition and the route test are made from these rows.
 * `answers` lists every status that an operation can give; a name is a response in `openapi.ts`.
 */
import type { Handler } from './api.ts';
import { getConformance, getHealth, getLandingPage, getReadiness } from './handlers/about.ts';
import { getApiDefinition } from './handlers/definition.ts';
import { getJobDefinition, getJobInputs, getLogs, getProvenance } from './handlers/job-records.ts';
import { dismissJob, getJob, getOutput, getResults, listJobs } from './handlers/jobs.ts';
import { dismissByForm } from './handlers/forms.ts';
import { executeByQuery, executeProcess, getProcess, listProcesses } from './handlers/processes.ts';
import { getResultFile } from './handlers/result-files.ts';

export interface Route {
  readonly method: 'get' | 'post' | 'delete';
  /** In the spelling of OpenAPI: `/jobs/{jobId}`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: 'Server' | 'Processes' | 'Jobs' | 'Results';
  readonly summary: string;
  readonly handler: Handler;
  readonly answers: Readonly<Record<number, string>>;
  /** Names of query and header parameters in `openapi.ts`. */
  readonly parameters?: readonly string[];
  /** Answers everybody, and does not ask who they are. The others answer callers, each about their own. */
  readonly isPublic?: true;
  /**
   * How rate limits count it, where not as a request alone. Never: probes, and files of which clients ask for parts and
   * for neighbours.
   */
  readonly counted?: 'never' | 'execution';
  /** What the request carries: an execute request (or the form for one), or a form only. */
  readonly body?: 'json' | 'form';
}

const page = ['limit', 'cursor'];
const filters = ['type', 'processID', 'status', 'datetime', 'minDuration', 'maxDuration'];
/** What every operation may answer; what every GET may, and what those do that send a file. */
const any = { 500: 'ServerError', 503: 'Starting' };
const get = { 304: 'NotModified', ...any };
const ofJob = { 400: 'MalformedPath', 404: 'NotFound', ...get };
const results = {
  400: 'FailedByInputs',
  404: 'NotFound',
  410: 'Gone',
  502: 'FailedByTransfer',
  ...get,
};
const file = { 206: 'PartOfFile', 412: 'PreconditionFailed', 416: 'RangeNotSatisfiable' };

// prettier-ignore
export const routes: readonly Route[] = [
  { method: 'get', path: '/', operationId: 'getLandingPage', isPublic: true, tag: 'Server', summary: 'Landing page', handler: getLandingPage, answers: { 200: 'LandingPage', ...get } },
  { method: 'get', path: '/conformance', operationId: 'getConformance', isPublic: true, tag: 'Server', summary: 'Conformance classes', handler: getConformance, answers: { 200: 'Conformance', ...get } },
  { method: 'get', path: '/api', operationId: 'getApiDefinition', isPublic: true, tag: 'Server', summary: 'This definition', handler: getApiDefinition, answers: { 200: 'ApiDefinition', ...get } },
  { method: 'get', path: '/healthz', operationId: 'getHealth', isPublic: true, counted: 'never', tag: 'Server', summary: 'Is the server alive?', handler: getHealth, answers: { 200: 'Health', ...get } },
  { method: 'get', path: '/readyz', operationId: 'getReadiness', isPublic: true, counted: 'never', tag: 'Server', summary: 'Can the server do its work?', handler: getReadiness, answers: { 200: 'Readiness', ...get, 503: 'NotReady' } },
  { method: 'get', path: '/processes', operationId: 'listProcesses', isPublic: true, tag: 'Processes', summary: 'Processes', handler: listProcesses, parameters: page, answers: { 200: 'ProcessList', 400: 'BadParameter', ...get } },
  { method: 'get', path: '/processes/{processId}', operationId: 'getProcess', isPublic: true, tag: 'Processes', summary: 'Description of a process', handler: getProcess, answers: { 200: 'Process', 400: 'MalformedPath', 404: 'NotFound', ...get } },
  { method: 'post', path: '/processes/{processId}/execution', operationId: 'executeProcess', counted: 'execution', tag: 'Processes', summary: 'Execute a process', handler: executeProcess, parameters: ['prefer', 'idempotencyKey'], body: 'json', answers: { 200: 'Results', 201: 'JobCreated', 204: 'ResultLinks', 303: 'SeeOther', 400: 'BadRequest', 403: 'ForeignForm', 404: 'NotFound', 413: 'BodyTooLarge', 415: 'UnsupportedMediaType', 422: 'KeyReused', 429: 'QueueFull', 500: 'ServerError', 503: 'TooBusy' } },
  { method: 'get', path: '/processes/{processId}/execution', operationId: 'executeByQuery', counted: 'execution', tag: 'Processes', summary: 'Execute a process at once, with inputs as query parameters', handler: executeByQuery, parameters: ['inputs'], answers: { 200: 'Results', 204: 'ResultLinks', 304: 'NotModified', 400: 'BadRequest', 404: 'NotFound', 405: 'OnlyPost', 500: 'ServerError', 503: 'TooBusy' } },
  { method: 'get', path: '/jobs', operationId: 'listJobs', tag: 'Jobs', summary: 'Jobs, newest first', handler: listJobs, parameters: [...filters, ...page], answers: { 200: 'JobList', 303: 'SeeOther', 400: 'BadParameter', ...get } },
  { method: 'get', path: '/jobs/{jobId}', operationId: 'getJob', tag: 'Jobs', summary: 'Status of a job', handler: getJob, answers: { 200: 'StatusInfo', 400: 'MalformedPath', 404: 'NotFound', ...get } },
  { method: 'post', path: '/jobs/{jobId}', operationId: 'dismissJobByForm', tag: 'Jobs', summary: 'Dismiss a job, for browsers without scripts: a form with _method=DELETE', handler: dismissByForm, body: 'form', answers: { 200: 'Dismissed', 303: 'SeeOther', 400: 'BadForm', 403: 'ForeignForm', 404: 'NotFound', 410: 'Gone', 413: 'BodyTooLarge', 415: 'UnsupportedMediaType', ...any } },
  { method: 'delete', path: '/jobs/{jobId}', operationId: 'dismissJob', tag: 'Jobs', summary: 'Dismiss a job: stop it, or remove its results', handler: dismissJob, answers: { 200: 'StatusInfo', 400: 'MalformedPath', 404: 'NotFound', 410: 'Gone', ...any } },
  { method: 'get', path: '/jobs/{jobId}/results', operationId: 'getResults', tag: 'Results', summary: 'Results of a job', handler: getResults, parameters: ['prefer'], answers: { 200: 'Results', 204: 'ResultLinks', 307: 'Elsewhere', ...results, ...file } },
  { method: 'get', path: '/jobs/{jobId}/results/{outputId}', operationId: 'getOutput', tag: 'Results', summary: 'One output of a job in its own media type', handler: getOutput, answers: { 200: 'Output', 307: 'Elsewhere', ...results, ...file } },
  { method: 'get', path: '/jobs/{jobId}/inputs', operationId: 'getJobInputs', tag: 'Jobs', summary: 'Inputs of a job', handler: getJobInputs, answers: { 200: 'JobInputs', ...ofJob } },
  { method: 'get', path: '/jobs/{jobId}/definition', operationId: 'getJobDefinition', tag: 'Jobs', summary: 'The execute request of a job', handler: getJobDefinition, answers: { 200: 'JobDefinition', ...ofJob } },
  { method: 'get', path: '/jobs/{jobId}/prov', operationId: 'getProvenance', tag: 'Jobs', summary: 'Provenance of the results of a job', handler: getProvenance, answers: { 200: 'Provenance', ...ofJob } },
  { method: 'get', path: '/jobs/{jobId}/logs', operationId: 'getLogs', tag: 'Jobs', summary: 'What happened to a job', handler: getLogs, answers: { 200: 'JobLog', ...ofJob } },
  { method: 'get', path: '/results/{jobId}/{signature}/{fileName}', operationId: 'getResultFile', isPublic: true, counted: 'never', tag: 'Results', summary: 'A result file by its temporary link', handler: getResultFile, answers: { 200: 'File', 307: 'FileElsewhere', ...results, ...file, 404: 'PlainNotFound' } },
];
