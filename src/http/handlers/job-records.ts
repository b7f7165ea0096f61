/** What is known about a job beside its status: what was asked, what happened, what came of what. */
import type { Json } from '../../processes/process.ts';
import { showable } from '../../processes/redact.ts';
import { pathParameter, type Handler } from '../api.ts';
import { link } from '../links.ts';
import { provenance } from '../provenance.ts';
import { sendJson } from '../send.ts';

/** /req/provenance/inputs/response: input id → value. Secrets, and queries that may grant access, are replaced. */
export const getJobInputs: Handler = async (api, request, response) => {
  const job = await api.jobs.get(pathParameter(request, 'jobId'));
  sendJson(response, showable({ ...job.request.inputs }));
};

/** /req/job-management/definition/response-body: the execute request, with defaults filled in and secrets replaced. */
export const getJobDefinition: Handler = async (api, request, response) => {
  const job = await api.jobs.get(pathParameter(request, 'jobId'));
  sendJson(response, showable(job.request as unknown as Json));
};

/** /req/provenance/prov/response */
export const getProvenance: Handler = async (api, request, response) => {
  const job = await api.jobs.get(pathParameter(request, 'jobId'));
  sendJson(response, provenance(job, api.links));
};

/** What happened to the job, oldest first: for its user, so without paths and secrets. */
export const getLogs: Handler = async (api, request, response) => {
  const id = pathParameter(request, 'jobId');
  const lines = await api.jobs.log(id);
  const links = [
    link(api.links.logs(id), 'self', 'This document'),
    link(api.links.job(id), 'up', 'Status of the job'),
  ];
  sendJson(response, { logs: lines, links });
};
