import { NoSuchJob, ResultsNotReady } from '../../errors.ts';
import type { FinishedJob } from '../../jobs/jobs.ts';
import { pathParameter, type Api, type Handler } from '../api.ts';
import { sendPlainNotFound } from '../send.ts';
import { sendByLink } from '../stored-files.ts';

/**
 * A result by its temporary link. Who knows the link may read the file, as long as results live.
 * GDAL and QGIS try some dozen names beside it: those get a plain 404, as does a wrong signature.
 */
export const getResultFile: Handler = async (api, request, response) => {
  const jobId = pathParameter(request, 'jobId');
  if (!api.isResultSignature(jobId, pathParameter(request, 'signature')))
    return sendPlainNotFound(response);
  const job = await finishedJob(api, jobId);
  const fileName = pathParameter(request, 'fileName');
  const output = Object.values(job?.results ?? {}).find(
    (candidate) => candidate.kind === 'file' && candidate.fileName === fileName,
  );
  if (output?.kind !== 'file') return sendPlainNotFound(response);
  await sendByLink(api.storage, output, response);
};

/** Undefined where there is nothing yet, or no such job; what is gone says so (410). */
async function finishedJob(api: Api, jobId: string): Promise<FinishedJob | undefined> {
  try {
    return await api.jobs.linked(jobId);
  } catch (error) {
    if (error instanceof NoSuchJob || error instanceof ResultsNotReady) return undefined;
    throw error;
  }
}
