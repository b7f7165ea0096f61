/**
 * Reads from a SQLite file on a connection of its own, with statements that are prepared once: what is asked with every
 * poll of a client. It sees what was committed and waits for no transaction.
 */
import { createRequire } from 'node:module';

/** What is used of better-sqlite3, which brings no types. */
interface Connection {
  prepare(sql: string): Statement;
  close(): void;
}

interface Statement {
  all(...values: readonly unknown[]): unknown[];
}

const Connection = createRequire(import.meta.url)('better-sqlite3') as new (
  file: string,
  options: {
    readonly readonly: boolean;
    readonly fileMustExist: boolean;
    readonly timeout: number;
  },
) => Connection;

/** Queries are made of filters: of those that nobody asks again not all are kept. */
const mostStatements = 200;

export class SqliteReader {
  readonly #connection: Connection;
  readonly #statements = new Map<string, Statement>();

  /** The file has to be a database at the newest version. */
  constructor(file: string) {
    this.#connection = new Connection(file, {
      readonly: true,
      fileMustExist: true,
      timeout: 10_000,
    });
  }

  /** The rows of a query, as the caller knows them to be. */
  rows<Row>(sql: string, values: readonly unknown[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  close(): void {
    this.#connection.close();
  }

  #statement(sql: string): Statement {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = this.#connection.prepare(sql);
    if (this.#statements.size >= mostStatements) this.#statements.clear();
    this.#statements.set(sql, statement);
    return statement;
  }
}
