/** What PostgreSQL gives and takes otherwise than SQLite does: the one place that evens it out. */
import { createRequire } from 'node:module';
import type { Knex } from 'knex';

const require = createRequire(import.meta.url);

/** What is used of knex's client of PostgreSQL, which brings no types. */
interface Client {
  /** Statements without values have none. */
  prepBindings(bindings?: readonly unknown[]): unknown[] | undefined;
}

const KnexClient = require('knex/lib/dialects/postgres/index.js') as new (
  config: Knex.Config,
) => Client;

/** Takes texts that SQLite would keep and PostgreSQL refuses: those with a character 0. */
export class PostgresClient extends KnexClient {
  override prepBindings(bindings?: readonly unknown[]): unknown[] | undefined {
    return super
      .prepBindings(bindings)
      ?.map((value) => (typeof value === 'string' ? value.replaceAll('\0', '\u{FFFD}') : value));
  }
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
