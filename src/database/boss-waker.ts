/**
 * Wake-ups by pg-boss: a message for each job that is accepted, written in the transaction that accepts it, and taken by
 * one worker that has room. The message says only that there is something to look for.
 */
import type { Knex } from 'knex';
import { fromKnex, PgBoss } from 'pg-boss';
import type { Waker } from '../jobs/waker.ts';
import type { Log } from '../log.ts';
import { postgresConnection } from './connect-postgres.ts';

const queue = 'job-waits';

/** A message that nobody took in time is of no use: every worker has looked by itself since. */
const messageSeconds = 60;

const queueOptions = {
  notify: true,
  retryLimit: 0,
  expireInSeconds: messageSeconds,
  retentionSeconds: messageSeconds,
  deleteAfterSeconds: messageSeconds,
};

export class BossWaker implements Waker {
  readonly #boss: PgBoss;
  readonly #log: Log;
  #isListening = false;
  /** Changes of what this process wants to hear, one after the other. */
  #changing: Promise<void> = Promise.resolve();

  private constructor(boss: PgBoss, log: Log) {
    this.#boss = boss;
    this.#log = log;
  }

  /** Makes pg-boss's own tables, in the schema `pgboss`, where they are missing. */
  static async open(url: string, log: Log): Promise<BossWaker> {
    const boss = new PgBoss({
      ...postgresConnection(url),
      max: 2,
      schedule: false,
      registerInstance: false,
      monitorVacuum: false,
      openTelemetry: { enabled: false },
      useListenNotify: true,
      maintenanceIntervalSeconds: 5 * messageSeconds,
    });
    // It goes on by itself when the database is back.
    boss.on('error', (err) => log.warn({ err }, 'Waker:Failed'));
    boss.on('warning', ({ message }) => log.warn({ message }, 'Waker:Warned'));
    try {
      await boss.start();
      await boss.createQueue(queue, queueOptions);
    } catch (error) {
      await boss.stop({ graceful: false });
      throw error;
    }
    return new BossWaker(boss, log);
  }

  /** Wakes a worker when the transaction is committed. */
  async announce(transaction: Knex): Promise<void> {
    await this.#boss.send(queue, null, { db: fromKnex(transaction) });
  }

  listen(onReady: () => void): void {
    if (this.#isListening) return;
    this.#isListening = true;
    this.#change(async () => {
      await this.#boss.work(queue, async () => onReady());
    });
  }

  pause(): void {
    if (!this.#isListening) return;
    this.#isListening = false;
    this.#change(() => this.#boss.offWork(queue));
  }

  async close(): Promise<void> {
    this.pause();
    await this.#changing;
    await this.#boss.stop({ graceful: false });
  }

  #change(change: () => Promise<void>): void {
    this.#changing = this.#changing
      .then(change)
      .catch((err: unknown) => this.#log.warn({ err }, 'Waker:NotChanged'));
  }
}
