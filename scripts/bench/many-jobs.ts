/** A data folder with many jobs of all kinds that have ended, as a server leaves them. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openDatabase } from '../../src/database/open.ts';

const kinds = ['successful', 'successful', 'successful', 'failed', 'dismissed'] as const;
const rowsAtOnce = 50;

/** Answers the id of a job in the middle of the list. */
export async function makeJobs(directory: string, count: number): Promise<string> {
  await mkdir(directory, { recursive: true });
  const database = await openDatabase(path.join(directory, 'jobs.sqlite'));
  try {
    const ids = Array.from({ length: count }, () => randomUUID());
    await database.transaction(async (trx) => {
      for (let start = 0; start < count; start += rowsAtOnce) {
        const some = ids.slice(start, start + rowsAtOnce);
        await trx('jobs').insert(some.map((id, index) => row(id, count - start - index)));
      }
    });
    return ids[Math.floor(count / 2)] ?? '';
  } finally {
    await database.destroy();
  }
}

/** A job that was made so many seconds ago. */
function row(id: string, age: number) {
  const startedMs = Date.now() - 1000 * age;
  const time = new Date(startedMs).toISOString();
  const status = kinds[age % kinds.length] ?? 'failed';
  return {
    id,
    process_id: age % 2 === 0 ? 'echo' : 'senseiv2-cloudmask',
    status,
    request: JSON.stringify({ inputs: { a: 'x'.repeat(200) }, outputs: {} }),
    attempt: 1,
    progress: 100,
    message: 'Finished.',
    result: status === 'successful' ? '{}' : null,
    created: time,
    started: time,
    started_ms: startedMs,
    duration_ms: 1000 * (age % 600),
    finished: time,
    updated: time,
  };
}
