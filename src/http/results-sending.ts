import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { Delivered, StoredOutput } from '../jobs/job.ts';
import type { Api } from './api.ts';
import { isByReference, type ResultsAnswer } from './results-answer.ts';
import {
  hrefOf,
  mediaTypeOfOutput,
  resultsDocument,
  type ResultsSource,
} from './results-document.ts';
import { sendBody, sendJson } from './send.ts';
import { sendStored } from './stored-files.ts';

/** Sends results in the form that was chosen. */
export async function sendResults(
  api: Api,
  source: ResultsSource,
  answer: ResultsAnswer,
  response: Response,
): Promise<void> {
  switch (answer.kind) {
    case 'document':
      return sendJson(response, await resultsDocument(source, answer.ids, api.links, api.storage));
    case 'empty':
      return void response.status(204).end();
    case 'one':
      return sendOutput(api, source.results[answer.id], response);
    case 'links':
      return sendLinks(api, source, answer.ids, response);
    case 'multipart':
      return sendMultipart(api, source, answer.ids, response);
  }
}

/** One output in its own media type. /req/core/process-execute-sync-raw-value-one */
export async function sendOutput(
  api: Api,
  output: StoredOutput | undefined,
  response: Response,
): Promise<void> {
  if (output === undefined) return void response.status(204).end();
  if (output.kind === 'value')
    return sendBody(response, mediaTypeOfOutput(output), valueBytes(output));
  if (output.kind === 'delivered') return sendDelivered(output, response);
  await sendStored(api.storage, output, response);
}

/** What lies in a bucket of the user's is to be asked there, with the user's own rights. */
function sendDelivered({ href, value, mediaType }: Delivered, response: Response): void {
  if (value !== undefined) return sendBody(response, mediaType, valueBytes({ value, mediaType }));
  response.status(307).setHeader('Location', href);
  response.setHeader('Cache-Control', 'no-store');
  response.end();
}

/** /req/core/process-execute-sync-raw-ref: 204 and one Link header for each output. */
function sendLinks(
  api: Api,
  source: ResultsSource,
  ids: readonly string[],
  response: Response,
): void {
  const headers = ids.flatMap((id) => {
    const output = source.results[id];
    if (output === undefined) return [];
    const href = hrefOf(api.links, source.jobId, id, output);
    return [`<${href}>; rel="item"; title="${id}"; type="${mediaTypeOfOutput(output)}"`];
  });
  response.status(204).setHeader('Link', headers);
  response.end();
}

function valueBytes({ value, mediaType }: Pick<ValueOutput, 'value' | 'mediaType'>): Buffer {
  const isText = typeof value === 'string' && !/[/+]json\b/.test(mediaType ?? '');
  return Buffer.from(isText ? value : JSON.stringify(value));
}

type ValueOutput = StoredOutput & { kind: 'value' };

interface Part {
  readonly head: Buffer;
  /** Bytes. */
  readonly size: number;
  readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** RFC 2387; each part names its output by Content-ID. /req/core/process-execute-sync-raw-value-multi */
async function sendMultipart(
  api: Api,
  source: ResultsSource,
  ids: readonly string[],
  response: Response,
): Promise<void> {
  const boundary = randomUUID();
  const parts = await Promise.all(ids.map((id) => partOf(api, source, id, boundary)));
  const tail = Buffer.from(`--${boundary}--\r\n`);
  const sizes = parts.map((part) => part.head.length + part.size + 2);
  response.setHeader('Content-Type', `multipart/related; boundary="${boundary}"`);
  response.setHeader('Content-Length', tail.length + sizes.reduce((sum, size) => sum + size, 0));
  if (response.req.method === 'HEAD') return void response.end();
  for (const part of parts) {
    response.write(part.head);
    await pipeline(part.body, response, { end: false });
    response.write('\r\n');
  }
  response.end(tail);
}

/** A part by reference has Content-Location and an empty body. /req/core/process-execute-sync-raw-mixed-multi */
async function partOf(
  api: Api,
  source: ResultsSource,
  id: string,
  boundary: string,
): Promise<Part> {
  const output = source.results[id];
  if (output === undefined) throw new Error(`No output ${id}.`);
  const isElsewhere = output.kind === 'delivered' && output.value === undefined;
  const isLink = isElsewhere || isByReference(source.request, id);
  const location = isLink
    ? `Content-Location: ${hrefOf(api.links, source.jobId, id, output)}\r\n`
    : '';
  const head = Buffer.from(
    `--${boundary}\r\nContent-Type: ${mediaTypeOfOutput(output)}\r\nContent-ID: ${id}\r\n${location}\r\n`,
  );
  if (isLink) return { head, size: 0, body: [] };
  if (output.kind !== 'file') {
    const { value = null, mediaType } = output;
    const bytes = valueBytes({ value, ...(mediaType !== undefined && { mediaType }) });
    return { head, size: bytes.length, body: [bytes] };
  }
  const { size } = output;
  return { head, size, body: api.storage.bytes(output, { from: 0, to: size }) };
}
