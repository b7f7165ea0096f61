/** Long bodies over connections that are cut. */

/** How often a body is continued without a byte of progress. */
const mostStalls = 5;

export interface Continuation {
  /** Begins anew, at this byte. */
  readonly open: (from: number) => Promise<AsyncIterable<Uint8Array>>;
  /** True for errors after which it is continued. */
  readonly mayPass: (error: unknown) => boolean;
  /** What is thrown when it stalls again and again. */
  readonly stalled: () => Error;
}

/** The bytes `from` to `to` (exclusive); a cut connection is continued where it was cut. */
export async function* continued(
  { from, to }: { readonly from: number; readonly to: number },
  { open, mayPass, stalled }: Continuation,
): AsyncGenerator<Uint8Array> {
  let at = from;
  for (let stalls = 0; at < to;) {
    const before = at;
    try {
      for await (const chunk of await open(at)) {
        at += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      if (!mayPass(error)) throw error;
    }
    stalls = at > before ? 0 : stalls + 1;
    if (stalls > mostStalls) throw stalled();
  }
}
