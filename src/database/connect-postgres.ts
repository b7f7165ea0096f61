/** Connections to PostgreSQL, what it has to promise, and what is wrong when it cannot be used. */
import { Socket } from 'node:net';
import knex, { type Knex } from 'knex';
import { DatabaseUnavailable, Misconfigured, Unusable } from '../errors.ts';
import { plainTypes, PostgresClient } from './postgres-client.ts';

const connectMs = 10_000;

export interface PostgresConnections {
  /** Most at once. */
  readonly most: number;
  /** A connection on which nothing came or went for as long is closed, also one that waits for an answer or is in a transaction. */
  readonly silenceMs?: number;
}

/** Opens connections as they are needed: those that are lost are replaced by and by. */
export function connectPostgres(url: string, { most, silenceMs }: PostgresConnections): Knex {
  return knex({
    client: PostgresClient as unknown as typeof Knex.Client,
    connection: postgresConnection(url, silenceMs) as Knex.PgConnectionConfig,
    // Values of users have no place in errors, which are logged.
    compileSqlOnError: false,
    // Every error rises to the caller; knex need not print it as well.
    log: { warn: () => undefined, error: () => undefined },
    pool: { min: 0, max: most, ...(silenceMs !== undefined && endsForgotten(silenceMs)) },
  });
}

/** Settings of one connection, as the driver takes them. */
export function postgresConnection(url: string, silenceMs?: number) {
  return {
    connectionString: url,
    application_name: 'senseiv2-cloudmask',
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    types: plainTypes,
    ...(silenceMs !== undefined && { stream: () => endedBySilence(silenceMs) }),
  };
}

/** A peer that vanished without a word would hold up whoever waits for it. */
function endedBySilence(silenceMs: number): Socket {
  const socket = new Socket();
  socket.setTimeout(silenceMs, () =>
    socket.destroy(new Error(`The database said nothing for ${silenceMs / 1000} s.`)),
  );
  return socket;
}

/**
 * The other side of it: PostgreSQL ends a transaction of a process that vanished without a word. Its locks would keep others
 * from taking over its jobs for hours.
 */
function endsForgotten(silenceMs: number): Pick<Knex.PoolConfig, 'afterCreate'> {
  return {
    afterCreate: (
      connection: { query(sql: string, done: (error?: Error) => void): void },
      done: (error?: Error) => void,
    ) => connection.query(`set idle_in_transaction_session_timeout = ${silenceMs}`, done),
  };
}

interface Promised {
  readonly version: number;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly synchronous_commit: string;
  readonly server_encoding: string;
  readonly is_copy: boolean;
}

/** PostgreSQL 13, the oldest that pg-boss takes. */
const oldestVersion = 130_000;

/** Whether what it commits is durable and can be read again. @throws Unusable */
export async function assertPromises(database: Knex): Promise<void> {
  const { rows } = await database.raw<{ rows: Promised[] }>(
    `select current_setting('server_version_num')::int as version,
            current_setting('fsync') as fsync,
            current_setting('full_page_writes') as full_page_writes,
            current_setting('synchronous_commit') as synchronous_commit,
            current_setting('server_encoding') as server_encoding,
            pg_is_in_recovery() as is_copy`,
  );
  const [found] = rows;
  const fault = found && faultOf(found);
  if (fault !== undefined) throw new Unusable(`DATABASE_URL: ${fault}`);
}

function faultOf(found: Promised): string | undefined {
  if (found.version < oldestVersion)
    return 'this PostgreSQL is too old; version 13 or newer is needed.';
  if (found.is_copy) return 'this PostgreSQL is a read-only copy. Name the primary.';
  if (found.server_encoding !== 'UTF8')
    return `the database has the encoding ${found.server_encoding}; create one with UTF8.`;
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit'] as const)
    if (found[name] === 'off')
      return `the database does not write durably (${name} is off): a job that was accepted could be lost. Set ${name} = on.`;
  return undefined;
}

const noRight = (user: string, database: string): string =>
  `the user has not the rights that are needed. As an administrator, in that database: GRANT CREATE ON DATABASE "${database}" TO "${user}"; GRANT CREATE ON SCHEMA public TO "${user}";`;

/** Codes of the system and of PostgreSQL → what is wrong and what helps. */
const troubles: readonly (readonly [
  codes: RegExp,
  words: (user: string, database: string) => string,
])[] = [
  [
    /^(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|EACCES)$/,
    () => 'PostgreSQL does not answer there. Start it, or mend the address.',
  ],
  [/^57P0[123]$/, () => 'PostgreSQL is starting up or shutting down. Try again in a moment.'],
  [/^53300$/, () => 'PostgreSQL has no free connection. Raise its max_connections.'],
  [/^28/, () => 'PostgreSQL does not let this user in with this password.'],
  [/^3D000$/, () => 'there is no database of this name. Create it with createdb.'],
  [/^42501$/, noRight],
];

/** Trouble of the driver that has no code. */
const wordless: readonly (readonly [said: RegExp, words: string])[] = [
  [
    /timeout expired|terminated/i,
    'PostgreSQL does not answer there. Start it, or mend the address.',
  ],
  [/password must be a string/i, 'PostgreSQL asks for a password, and the URL has none.'],
  [/SSL/, 'PostgreSQL and the URL do not agree about encryption; see sslmode.'],
];

/** An error of the start in words for the operator, without the password; one that tells of something else as it is. */
export function postgresTrouble(error: unknown, url: string): unknown {
  const found = error instanceof DatabaseUnavailable ? error.cause : error;
  const { code, message } = found as { code?: string; message: string };
  const { username, pathname } = new URL(url);
  const [, words] = troubles.find(([codes]) => codes.test(code ?? '')) ?? [];
  const [, said] = wordless.find(([pattern]) => pattern.test(message)) ?? [];
  const text = words?.(decodeURIComponent(username), decodeURIComponent(pathname.slice(1))) ?? said;
  if (text === undefined) return error;
  // Knex writes the statement before what the driver says.
  const reason = code ?? message.split(' - ').at(-1);
  return new Misconfigured(
    `DATABASE_URL ${shownDatabase(url)} cannot be used: ${text} (${reason})`,
    { cause: error },
  );
}

/** Without what may be secret. */
function shownDatabase(url: string): string {
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username && `${username}@`}${host}${pathname}`;
}
