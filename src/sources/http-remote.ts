/** A file at an http(s) address as a `Remote`, through the outbound guard. */
import { kindBytes } from '../archives/kind.ts';
import type { RandomAccess } from '../archives/random-access.ts';
import type { OutboundClient } from '../outbound/client.ts';
import { fetchDocument } from '../outbound/document.ts';
import { downloadFile, resumableBytes } from '../outbound/download.ts';
import { openRanged } from '../outbound/ranged-file.ts';
import { shownUrl } from '../outbound/shown-url.ts';
import type { Remote, RemoteDocument, SaveRequest } from './remote.ts';

export class HttpRemote implements Remote {
  readonly shown: string;
  readonly #client: OutboundClient;
  readonly #url: string;
  #random: Promise<RandomAccess | undefined> | undefined;

  constructor(client: OutboundClient, url: string) {
    this.#client = client;
    this.#url = url;
    this.shown = shownUrl(url);
  }

  async head(signal: AbortSignal): Promise<Uint8Array> {
    const random = await this.random(signal);
    if (random !== undefined) return random.read(0, Math.min(kindBytes, random.size));
    // Reading stops as soon as there is enough: what more is under way is lost.
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.bytes(Number.MAX_SAFE_INTEGER, signal)) {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length >= kindBytes) break;
    }
    return Buffer.concat(chunks).subarray(0, kindBytes);
  }

  async document(maxBytes: number, signal: AbortSignal): Promise<RemoteDocument> {
    const { bytes, url } = await fetchDocument(this.#client, { url: this.#url, maxBytes, signal });
    return { bytes, base: new URL(url) };
  }

  bytes(maxBytes: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return resumableBytes(this.#client, { url: this.#url, maxBytes, signal });
  }

  random(signal: AbortSignal): Promise<RandomAccess | undefined> {
    this.#random ??= openRanged(this.#client, { url: this.#url, signal });
    return this.#random;
  }

  async save({ file, maxBytes, signal, onBytes }: SaveRequest): Promise<void> {
    let before = 0;
    const progress = (received: number): void => {
      // A file that begins anew has been counted.
      if (received > before) onBytes(received - before);
      before = Math.max(before, received);
    };
    await downloadFile(this.#client, { url: this.#url, file, maxBytes, signal, progress });
  }
}
