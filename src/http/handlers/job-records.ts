/** What is known about a job beside its status: what was asked, what happened, what came of what. */
import type { Request, Response } from 'express';
import type { Job } from '../../jobs/job.ts';
import type { Inputs, Json } from '../../processes/process.ts';
import { showable, shownInputs } from '../../processes/redact.ts';
import { pathParameter, type Api, type Handler } from '../api.ts';
import { callerOf } from '../caller.ts';
import { sendDocument } from '../html/sending.ts';
import { logView, recordView } from '../html/views/record.ts';
import { link } from '../links.ts';
import { provenance } from '../provenance.ts';

/** /req/provenance/inputs/response: input id → value. Secrets, and queries that may grant access, are replaced. */
export const getJobInputs: Handler = async (api, request, response) => {
  await sendRecord(api, { title: 'Inputs', of: inputsOf }, request, response);
};

/** /req/job-management/definition/response-body: the execute request, with defaults filled in and secrets replaced. */
export const getJobDefinition: Handler = async (api, request, response) => {
  await sendRecord(api, { title: 'Execute request', of: requestOf }, request, response);
};

/** /req/provenance/prov/response */
export const getProvenance: Handler = async (api, request, response) => {
  const of = (job: Job) => provenance(job, api.links);
  await sendRecord(api, { title: 'Provenance', of }, request, response);
};

function inputsOf({ request }: Job): Inputs {
  return shownInputs(request.inputs);
}

function requestOf({ request }: Job): Json {
  return showable(request as unknown as Json);
}

interface Record {
  readonly title: string;
  readonly of: (job: Job) => unknown;
}

async function sendRecord(
  api: Api,
  record: Record,
  request: Request,
  response: Response,
): Promise<void> {
  const job = await api.jobs.get(pathParameter(request, 'jobId'), callerOf(response).owner);
  const document = record.of(job);
  const page = () => recordView(job, record.title, document, api.links);
  await sendDocument(api.links, request, response, { document, isWhole: true, page });
}

/** What happened to the job, oldest first: for its user, so without paths and secrets. */
export const getLogs: Handler = async (api, request, response) => {
  const id = pathParameter(request, 'jobId');
  const lines = await api.jobs.log(id, callerOf(response).owner);
  const links = [
    link(api.links.logs(id), 'self', 'This document'),
    link(api.links.job(id), 'up', 'Status of the job'),
  ];
  const page = () => logView(id, lines, api.links);
  await sendDocument(api.links, request, response, { document: { logs: lines, links }, page });
};
