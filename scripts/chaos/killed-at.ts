/**
 * Loaded (`--import`) into a process that is to die at a chosen moment: from there it sends itself SIGKILL, so that not
 * one more instruction of the program is run. A kill from outside comes some milliseconds late and never meets the moment
 * between a commit and its answer. The moment is in the environment, or comes as a message while the process runs.
 */
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { momentVariable, type CommitSide, type Moment } from './moment.ts';

const told = process.env[momentVariable];
let moment: Moment | undefined = told === undefined ? undefined : (JSON.parse(told) as Moment);
/** How often what the moment counts has happened. */
let times = 0;

process.on('message', (next: Moment) => {
  moment = next;
  times = 0;
});
// What only listens for a moment does not keep a process alive.
process.channel?.unref();

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** To be called for each thing that moments can count. */
function isItsTime(count: number): boolean {
  times += 1;
  return times === count;
}

const { writeSync } = fs;
// The log is written with it.
fs.writeSync = ((...values: readonly unknown[]) => {
  const bytes: unknown = Reflect.apply(writeSync, fs, values);
  const [fd, text] = values;
  if (moment?.at === 'line' && fd === 1 && String(text).includes(moment.text)) {
    if (isItsTime(moment.count)) die();
  }
  return bytes;
}) as typeof writeSync;

const { rename } = fs.promises;
fs.promises.rename = async (from, to) => {
  await rename(from, to);
  if (moment?.at === 'rename' && isItsTime(moment.count)) die();
};
syncBuiltinESMExports();

type Call = (...values: unknown[]) => unknown;
interface Statement {
  run: Call;
  all: Call;
}

interface Connection {
  prepare(this: Connection, sql: string): Statement;
}

const isChange = (sql: string): boolean => /insert into job_log/i.test(sql);
const isBeginning = (sql: string): boolean => /^(?:begin|rollback)/i.test(sql);
const isCommit = (sql: string): boolean => /^commit/i.test(sql);

function watchSqlite(): void {
  const { prototype } = createRequire(import.meta.url)('better-sqlite3') as {
    prototype: Connection;
  };
  const prepare = Reflect.get(prototype, 'prepare');
  /** Whether the open transaction has written what happened to a job. */
  let hasChange = false;
  prototype.prepare = function prepareWatched(sql) {
    const statement = prepare.call(this, sql);
    if (isChange(sql)) hasChange = true;
    if (isBeginning(sql)) hasChange = false;
    if (!isCommit(sql) || !hasChange || moment?.at !== 'commit') return statement;
    if (!isItsTime(moment.count)) return statement;
    if (moment.side === 'before') die();
    for (const name of ['run', 'all'] as const) {
      const call = statement[name].bind(statement);
      statement[name] = (...values) => {
        call(...values);
        die();
      };
    }
    return statement;
  };
}

interface Client {
  /** As knex calls it. */
  query(
    this: Client,
    query: { readonly text?: string },
    answered?: (...values: unknown[]) => void,
  ): unknown;
}

function watchPostgres(): void {
  const { Client } = createRequire(import.meta.url)('pg') as { Client: { prototype: Client } };
  const query = Reflect.get(Client.prototype, 'query');
  /** Connections whose open transaction has written what happened to a job. */
  const changed = new WeakSet<Client>();
  /** The side of this commit on which to die, if it is the one. */
  const sideOf = (client: Client, sql: string): CommitSide | undefined => {
    if (isChange(sql)) changed.add(client);
    if (isBeginning(sql)) changed.delete(client);
    if (!isCommit(sql) || !changed.has(client) || moment?.at !== 'commit') return undefined;
    return isItsTime(moment.count) ? moment.side : undefined;
  };
  Client.prototype.query = function queryWatched(asked, ...others) {
    const side = sideOf(this, asked.text ?? '');
    if (side === 'before') die();
    const answer = query.call(this, asked, ...(side === 'after' ? [die] : others));
    if (side === 'sent') die();
    return answer;
  };
}

if (process.env['DATABASE_URL']) watchPostgres();
else watchSqlite();
