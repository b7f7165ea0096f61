/** A file as pieces that come in order, going on where the connection was cut. */
import { Attempts, type Retries } from './attempts.ts';
import type { OutboundClient } from './client.ts';
import { failed, failedForNow, tooLarge } from './fault.ts';
import { askPart, type FileVersion, type PartAnswer } from './part.ts';

export interface PiecesRequest extends Retries {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly maxBytes: number;
  /** Only this part, of this version; else the whole file, whichever version there is. */
  readonly part?: {
    readonly from: number;
    /** Up to and without. */
    readonly to: number;
    readonly version: FileVersion;
  };
}

export interface Piece {
  /** Place in the file. Smaller than the end of the piece before: the file begins anew. */
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly version: FileVersion;
}

/** An attempt that brings less has made no progress: a server could go on so for ever. */
const progressBytes = 65_536;

/**
 * The pieces of a file, or of a part of it, whole and of one version from the last beginning on.
 * @throws AddressNotAllowed, TransferFailed, Cancelled
 */
export async function* piecesOf(
  client: OutboundClient,
  request: PiecesRequest,
): AsyncGenerator<Piece> {
  const attempts = new Attempts(request);
  const arrival = new Arrival(request);
  for (;;) {
    const before = arrival.furthest;
    try {
      yield* attempt(client, request, arrival);
      return;
    } catch (error) {
      await attempts.pauseAfter(error, arrival.furthest - before >= progressBytes);
    }
  }
}

/** How far a file has come. */
class Arrival {
  /** Place of the next byte. */
  at: number;
  furthest: number;
  /** Of which version the bytes are that came; undefined before any came. */
  version: FileVersion | undefined;
  readonly #part: PiecesRequest['part'];

  constructor({ part }: PiecesRequest) {
    this.#part = part;
    this.at = part?.from ?? 0;
    this.furthest = this.at;
    this.version = part?.version;
  }

  /** Place after the last byte, where it is known. */
  get end(): number | undefined {
    return this.#part?.to ?? this.version?.total;
  }

  get isWhole(): boolean {
    return this.version !== undefined && this.at === this.end;
  }

  /** Whether to go on from here: without a validator the rest may be of another version. */
  get canGoOn(): boolean {
    return this.#part !== undefined || (this.at > 0 && (this.version?.validator ?? '') !== '');
  }

  beginAnew(version: FileVersion | undefined): void {
    this.at = 0;
    this.version = version;
  }

  add(bytes: number): void {
    this.at += bytes;
    this.furthest = Math.max(this.furthest, this.at);
  }
}

async function* attempt(
  client: OutboundClient,
  request: PiecesRequest,
  arrival: Arrival,
): AsyncGenerator<Piece> {
  if (!arrival.canGoOn) arrival.beginAnew(undefined);
  if (arrival.isWhole) return;
  const answer = await askPart(client, {
    ...request,
    from: arrival.at,
    to: request.part?.to,
    version: arrival.version,
  });
  if (answer === 'end') return;
  if (answer === 'changed' || answer.isAnew) assertMayChange(request, answer);
  if (answer === 'changed') {
    arrival.beginAnew(undefined);
    throw failedForNow(request.url, 'the file changed meanwhile');
  }
  if (answer.isAnew) arrival.beginAnew(answer.version);
  yield* receive(request, arrival, answer);
}

/** A part is of one version; a whole file may begin anew. */
function assertMayChange({ part, url }: PiecesRequest, answer: PartAnswer | 'changed'): void {
  if (part === undefined) return;
  if (answer !== 'changed') answer.discard();
  throw failed(url, 'the file changed meanwhile');
}

async function* receive(
  request: PiecesRequest,
  arrival: Arrival,
  answer: PartAnswer,
): AsyncGenerator<Piece> {
  const { version = answer.version, end } = arrival;
  for await (const bytes of answer.bytes()) {
    const { at } = arrival;
    assertRoom(request, at + bytes.length, end);
    arrival.add(bytes.length);
    yield { at, bytes, version };
  }
  if (end !== undefined && arrival.at < end) throw failedForNow(request.url, 'it ended too early');
}

function assertRoom({ url, maxBytes }: PiecesRequest, upTo: number, end: number | undefined): void {
  if (end !== undefined && upTo > end) throw failed(url, 'more came than was promised');
  if (upTo > maxBytes) throw tooLarge(url, maxBytes);
}
