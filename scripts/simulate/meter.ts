/** What each kind of operation asks of the database: how often, in how many statements, in what time. */
import { performance } from 'node:perf_hooks';
import type { Knex } from 'knex';

export interface Usage {
  times: number;
  statements: number;
  ms: number;
}

export class Meter {
  readonly usage = new Map<string, Usage>();
  #statements = 0;

  constructor(database: Knex) {
    database.on('query', () => {
      this.#statements += 1;
    });
  }

  /** One after the other: what is measured at the same time would be counted together. */
  async measure<Value>(
    kindOf: (value: Value) => string,
    operation: () => Promise<Value>,
  ): Promise<Value> {
    const [statements, startMs] = [this.#statements, performance.now()];
    const value = await operation();
    const kind = kindOf(value);
    const usage = this.usage.get(kind) ?? { times: 0, statements: 0, ms: 0 };
    usage.times += 1;
    usage.statements += this.#statements - statements;
    usage.ms += performance.now() - startMs;
    this.usage.set(kind, usage);
    return value;
  }

  /** Of one operation, on average. @throws Error when there was none */
  mean(kind: string): { readonly statements: number; readonly ms: number } {
    const usage = this.usage.get(kind);
    if (usage === undefined) throw new Error(`There was no ${kind}.`);
    return { statements: usage.statements / usage.times, ms: usage.ms / usage.times };
  }
}
