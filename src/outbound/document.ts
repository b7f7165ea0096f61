/** Brings a small document (JSON, XML) into memory. */
import { retrying, type Retries } from './attempts.ts';
import type { OutboundClient } from './client.ts';
import { statusFault } from './fault.ts';

export interface DocumentRequest extends Retries {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxBytes: number;
}

export interface FetchedDocument {
  readonly bytes: Uint8Array;
  /** The last address of the redirects, to which relative links belong. May hold secrets. */
  readonly url: string;
  /** As the server says it; empty where it does not. */
  readonly contentType: string;
}

/** @throws AddressNotAllowed, TransferFailed, Cancelled */
export function fetchDocument(
  client: OutboundClient,
  request: DocumentRequest,
): Promise<FetchedDocument> {
  return retrying(request, () => attempt(client, request));
}

async function attempt(client: OutboundClient, request: DocumentRequest): Promise<FetchedDocument> {
  const { headers = {}, signal, maxBytes } = request;
  const answer = await client.get(request.url, { headers, signal, maxBytes, unpacks: true });
  if (answer.status !== 200) {
    answer.discard();
    throw statusFault(request.url, answer.status, answer.headers);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.bytes()) chunks.push(chunk);
  const contentType = answer.headers.get('content-type') ?? '';
  return { bytes: Buffer.concat(chunks), url: answer.url, contentType };
}
