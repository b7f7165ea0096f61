/** A small client of OGC API - Processes: just what the demo needs. */
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isRecord, numberOf, textOf } from './json.ts';
import type { JsonObject } from './json.ts';

/** A job as its status document tells. */
export interface JobStatus {
  readonly status: string;
  /** Percent. */
  readonly progress: number;
  readonly message: string;
}

/** The server refused a request, in its own words. */
export class RequestRefused extends Error {
  override name = 'RequestRefused' as const;
}

/** Title of a process; fails where the server does not have it. */
export async function processTitle(url: string, processId: string): Promise<string> {
  const description = await getJson(`${url}/processes/${processId}`);
  return textOf(description['title']) ?? processId;
}

/** Asks for an execution. Returns the address of the new job. */
export async function submit(url: string, processId: string, inputs: JsonObject): Promise<string> {
  const response = await fetch(`${url}/processes/${processId}/execution`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'respond-async' },
    body: JSON.stringify({ inputs }),
  });
  const body = await bodyOf(response);
  const location = response.headers.get('location');
  if (response.status !== 201 || location == null) throw refusal(response, body);
  return new URL(location, url).href;
}

export async function jobStatus(jobUrl: string): Promise<JobStatus> {
  const document = await getJson(jobUrl);
  return {
    status: textOf(document['status']) ?? 'unknown',
    progress: numberOf(document['progress']) ?? 0,
    message: textOf(document['message']) ?? '',
  };
}

/** Dismisses a job. */
export async function dismiss(jobUrl: string): Promise<void> {
  const response = await fetch(jobUrl, { method: 'DELETE' });
  if (!response.ok) throw refusal(response, await bodyOf(response));
}

/** The results document: output id → value or link. */
export function jobResults(jobUrl: string): Promise<JsonObject> {
  return getJson(`${jobUrl}/results`);
}

/** Value of one output, fetched where the results hold a link to it. */
export async function outputValue(results: JsonObject, id: string): Promise<unknown> {
  const output = results[id];
  if (!isRecord(output)) return output;
  const href = textOf(output['href']);
  if (href != null) return getJson(href);
  return 'value' in output ? output['value'] : output;
}

/** Link of one output. */
export function outputLink(results: JsonObject, id: string): string {
  const output = results[id];
  const href = isRecord(output) ? textOf(output['href']) : undefined;
  if (href == null) throw new RequestRefused(`The results hold no link to "${id}".`);
  return href;
}

/** Downloads to a file, which appears only when it is whole. Returns its size in bytes. */
export async function download(href: string, file: string): Promise<number> {
  const response = await fetch(href);
  if (!response.ok || response.body == null) throw refusal(response, await bodyOf(response));
  const unfinished = `${file}.unfinished`;
  const target = createWriteStream(unfinished);
  await pipeline(Readable.fromWeb(response.body), target);
  const expected = response.headers.get('content-length');
  if (expected != null && Number(expected) !== target.bytesWritten) {
    throw new RequestRefused(`${href} ended after ${target.bytesWritten} of ${expected} bytes.`);
  }
  await rename(unfinished, file);
  return target.bytesWritten;
}

async function getJson(url: string): Promise<JsonObject> {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  const body = await bodyOf(response);
  if (!response.ok || !isRecord(body)) throw refusal(response, body);
  return body;
}

/** The body, parsed where it is JSON. */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refusal(response: Response, body: unknown): RequestRefused {
  const detail = isRecord(body) ? (textOf(body['detail']) ?? textOf(body['title'])) : textOf(body);
  const place = new URL(response.url).pathname;
  return new RequestRefused(`${place} answered ${response.status}: ${detail ?? 'no details'}`);
}
