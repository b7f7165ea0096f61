/** What PostgreSQL gives and takes otherwise than SQLite does: the one place that evens it out. */
import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import { DatabaseUnavailable } from '../errors.ts';

const require = createRequire(import.meta.url);

/** What is used of knex's client of PostgreSQL, which brings no types. */
interface Client {
  /** Statements without values have none. */
  prepBindings(bindings?: readonly unknown[]): unknown[] | undefined;
  acquireConnection(): Promise<unknown>;
  query(connection: unknown, query: unknown): Promise<unknown>;
}

const KnexClient = require('knex/lib/dialects/postgres/index.js') as new (
  config: Knex.Config,
) => Client;

/** Takes texts that SQLite would keep and PostgreSQL refuses: those with a character 0. Names the loss of connections. */
export class PostgresClient extends KnexClient {
  override prepBindings(bindings?: readonly unknown[]): unknown[] | undefined {
    return super
      .prepBindings(bindings)
      ?.map((value) => (typeof value === 'string' ? value.replaceAll('\0', '\u{FFFD}') : value));
  }

  override acquireConnection(): Promise<unknown> {
    return super.acquireConnection().catch(rethrow);
  }

  override query(connection: unknown, query: unknown): Promise<unknown> {
    return super.query(connection, query).catch(rethrow);
  }
}

/** Codes of the system and of PostgreSQL for a connection that cannot be had or was lost. */
const lost =
  /^(?:ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOENT|EACCES|08\w{3}|57P0[123]|53300)$/;

/** What the driver says of one without a code; knex writes the statement before it. */
const lostWithoutCode =
  /(?:^| - )(?:Connection (?:terminated|ended)|Client (?:has encountered a connection error|was closed)|timeout expired|The database said nothing)/;

function rethrow(error: Error & { readonly code?: string }): never {
  const isLost =
    error.name === 'KnexTimeoutError' ||
    lost.test(error.code ?? '') ||
    lostWithoutCode.test(error.message);
  throw isLost ? new DatabaseUnavailable({ cause: error }) : error;
}

type Parser = (text: string) => unknown;

interface Types {
  getTypeParser(type: number, format?: string): Parser;
}

const { types } = require('pg') as { types: Types };

const bigint = 20;

/** A bigint is a number, as in SQLite: ours are milliseconds and counts. */
export const plainTypes: Types = {
  getTypeParser: (type, format) => (type === bigint ? Number : types.getTypeParser(type, format)),
};

/** True for PostgreSQL, false for SQLite. */
export function isPostgres(database: Knex): boolean {
  return (database.client as { dialect: string }).dialect === 'postgresql';
}
