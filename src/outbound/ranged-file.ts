/** A file on a server of which any part can be read, as long as it does not change. */
import { retrying, type Retries } from './attempts.ts';
import type { Answer, OutboundClient } from './client.ts';
import { statusFault } from './fault.ts';
import { contentRange, validatorOf, type FileVersion } from './part.ts';
import { piecesOf } from './pieces.ts';

export interface RangedRequest extends Retries {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RangedFile {
  /** In bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `from` on. Whoever calls keeps within the size. */
  read(from: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The bytes from `from` on, up to and without `to`. Whoever reads may stop early. */
  stream(from: number, to: number): AsyncIterable<Uint8Array>;
}

/**
 * Undefined where the server does not send parts, or does not say which version of the file it has: then the whole
 * file is to be brought.
 * @throws AddressNotAllowed, TransferFailed, Cancelled; reading as well, also when the file has changed
 */
export async function openRanged(
  client: OutboundClient,
  request: RangedRequest,
): Promise<RangedFile | undefined> {
  const version = await versionOf(client, request);
  if (version === undefined) return undefined;
  const size = version.total;
  const stream = (from: number, to: number): AsyncIterable<Uint8Array> =>
    bytesOf(client, request, { from, to, version });
  return {
    size,
    stream,
    read: async (from, length) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream(from, from + length)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}

type KnownVersion = FileVersion & { readonly total: number };

/** Asked with GET: signed links for downloads often answer no HEAD. */
async function versionOf(
  client: OutboundClient,
  request: RangedRequest,
): Promise<KnownVersion | undefined> {
  const { status, headers } = await retrying(request, () => firstByte(client, request));
  const { start, total } = contentRange(headers);
  const validator = validatorOf(headers);
  const isUsable = status === 206 && start === 0 && validator !== '';
  return isUsable && total !== undefined ? { validator, total } : undefined;
}

async function firstByte(
  client: OutboundClient,
  { url, headers = {}, signal }: RangedRequest,
): Promise<Pick<Answer, 'status' | 'headers'>> {
  const range = { from: 0, to: 1 };
  const answer = await client.get(url, { headers, range, signal, maxBytes: Infinity });
  answer.discard();
  // 416: an empty file has no first byte.
  if (![200, 206, 416].includes(answer.status))
    throw statusFault(url, answer.status, answer.headers);
  return answer;
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly version: FileVersion;
}

async function* bytesOf(
  client: OutboundClient,
  request: RangedRequest,
  part: Part,
): AsyncGenerator<Uint8Array> {
  if (part.to <= part.from) return;
  for await (const piece of piecesOf(client, { ...request, maxBytes: part.to, part }))
    yield piece.bytes;
}
