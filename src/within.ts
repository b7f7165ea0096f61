import { setTimeout as sleep } from 'node:timers/promises';

/** What was asked, if it comes within so long. @throws Error when it does not; the answer is then nobody's. */
export async function within<Value>(limitMs: number, asked: Promise<Value>): Promise<Value> {
  const answered = new AbortController();
  const late = sleep(limitMs, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`No answer within ${limitMs} ms.`);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    late.catch(() => undefined);
    asked.catch(() => undefined);
    answered.abort();
  }
}
