/** Parts of objects over connections that are cut. */
import { Attempts, type Retries } from '../outbound/attempts.ts';
import { otherPart, type Span } from './part.ts';

export interface Continuation {
  /** Begins anew, at this byte. */
  readonly open: (from: number) => Promise<AsyncIterable<Uint8Array>>;
  /** The error for other bytes than were asked for. */
  readonly refused: (reason: string) => Error;
  /** The error for a body that did not come to its end; it is continued where that may pass. */
  readonly ended: (error: unknown) => unknown;
}

/** A cut after fewer bytes has made no progress: a server could go on so for ever. */
const progressBytes = 65_536;

/**
 * The bytes of a part; a cut connection is continued where it was cut, after a pause.
 * @throws what `open`, `refused` and `ended` say; the reason of the signal
 */
export async function* continued(
  { from, to }: Span,
  { open, refused, ended }: Continuation,
  retries: Retries,
): AsyncGenerator<Uint8Array> {
  const attempts = new Attempts(retries);
  for (let at = from; at < to;) {
    const before = at;
    try {
      for await (const chunk of await open(at)) {
        at += chunk.byteLength;
        if (at > to) throw refused(otherPart);
        yield chunk;
      }
      // A server may send less than was asked for, and says so; nothing at all is no part.
      if (at === before) throw refused(otherPart);
    } catch (error) {
      retries.signal.throwIfAborted();
      await attempts.pauseAfter(ended(error), at - before >= progressBytes);
    }
  }
}
