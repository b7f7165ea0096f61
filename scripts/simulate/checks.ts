/** What must hold after a day, by what the database says and what the machines were told. */
import type { Knex } from 'knex';
import type { Book } from './book.ts';
import type { Wish } from './demand.ts';

/** Empty when everything is as it should be. */
export async function violations(
  database: Knex,
  wishes: readonly Wish[],
  book: Book,
): Promise<readonly string[]> {
  const found: string[] = [];
  const wrong = (what: string, count: number): void => {
    if (count > 0) found.push(`${count} ${what}`);
  };
  const rows = await database('jobs').select<
    { id: string; status: string; attempt: number; lease_token: string | null }[]
  >('id', 'status', 'attempt', 'lease_token');
  const ended = rows.filter(({ status }) => ['successful', 'failed'].includes(status));
  wrong('jobs were lost', wishes.length - rows.length);
  wrong('jobs did not end', rows.length - ended.length);
  wrong('jobs ended twice', [...book.ends.values()].filter((times) => times > 1).length);
  wrong('ends were told that were not written', ended.length === book.ends.size ? 0 : 1);
  wrong('leases were left', rows.filter((row) => row.lease_token !== null).length);
  const attempts = rows.reduce((sum, { attempt }) => sum + attempt, 0);
  wrong('attempts too many or too few', Math.abs(attempts - book.counts.attempts));
  for (const { owner, maxRunning = Infinity } of wishes.map(({ caller }) => caller))
    if ((book.mostHeld.get(owner) ?? 0) > maxRunning)
      return [...found, `${owner} ran more than ${maxRunning} at once`];
  const counts = await database('queues').sum({ waiting: 'waiting', windows: 'waiting_cost' });
  const running = await database('owners').sum({ running: 'running' });
  const sums = { ...counts[0], ...running[0] } as Record<string, number | string>;
  for (const [name, sum] of Object.entries(sums))
    wrong(`${name} were left in the counts`, Number(sum));
  return found;
}
