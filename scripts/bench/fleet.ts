/** Servers and workers of ours on one PostgreSQL that is started for them, and what its table says of their jobs. */
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectPostgres } from '../../src/database/connect-postgres.ts';
import type { Database } from '../../src/database/open.ts';
import type { Json } from '../../src/processes/process.ts';
import { postgresPrograms, PostgresServer } from '../../test/support/postgres-server.ts';
import { RealProcesses, type RealProcess } from '../../test/support/real-process.ts';

export interface Order {
  readonly processId: string;
  readonly inputs: Readonly<Record<string, Json>>;
}

/** Times in ms since 1970. */
export interface Times {
  readonly created: number;
  readonly started: number;
  readonly finished: number;
}

export interface FleetPlaces {
  /** Below it a folder is made, and removed in the end. */
  readonly folder: string;
  /** Below it products lie. */
  readonly productRoot: string;
}

interface Row {
  readonly id: string;
  readonly status: string;
  readonly created: string;
  readonly started: string | null;
  readonly finished: string | null;
}

const lookEachMs = 100;

export class Fleet {
  readonly #postgres: PostgresServer;
  readonly #processes = new RealProcesses();
  readonly #database: Database;
  readonly #settings: Readonly<Record<string, string>>;

  private constructor(
    postgres: PostgresServer,
    database: Database,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#postgres = postgres;
    this.#database = database;
    this.#settings = settings;
  }

  /** @throws Error where there is no PostgreSQL */
  static async open({ folder, productRoot }: FleetPlaces): Promise<Fleet> {
    if (postgresPrograms() === undefined) throw new Error('This needs PostgreSQL (initdb).');
    const postgres = await PostgresServer.start();
    const url = await postgres.createDatabase();
    return new Fleet(postgres, connectPostgres(url, { most: 1 }), {
      DATA_DIR: await mkdtemp(path.join(folder, 'fleet-')),
      DATABASE_URL: url,
      SECRET_KEY: 'the same for all of the processes',
      PRODUCT_ROOTS: productRoot,
    });
  }

  /** Accepts jobs, and leaves them to workers. */
  server(settings: Readonly<Record<string, string>> = {}): Promise<RealProcess> {
    return this.#processes.start('serve', {
      ...this.#settings,
      MAX_RUNNING_JOBS: '0',
      ...settings,
    });
  }

  /** Computes one job at a time. */
  worker(nodeOptions: readonly string[] = []): Promise<RealProcess> {
    const settings = { ...this.#settings, BASE_URL: 'http://127.0.0.1:1' };
    return this.#processes.start('work', settings, nodeOptions);
  }

  /** Times of jobs that have come to their end. @throws Error when one did not succeed */
  async finished(ids: readonly string[]): Promise<Times[]> {
    for (;;) {
      const rows: Row[] = await this.#database<Row>('jobs').whereIn('id', ids);
      const bad = rows.find(({ status }) => status === 'failed' || status === 'dismissed');
      if (bad !== undefined) throw new Error(`Job ${bad.id} is ${bad.status}.`);
      if (rows.filter(({ status }) => status === 'successful').length === ids.length)
        return rows.map(timesOf);
      await sleep(lookEachMs);
    }
  }

  async close(): Promise<void> {
    await this.#processes.killAll();
    await this.#database.destroy();
    await this.#postgres.stop();
    await rm(this.#settings['DATA_DIR'] ?? '', { recursive: true, force: true });
  }
}

/** Answers the id of the job. @throws Error when it was not accepted */
export async function execute(root: string, { processId, inputs }: Order): Promise<string> {
  const answer = await fetch(`${root}/processes/${processId}/execution`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Prefer: 'respond-async' },
    body: JSON.stringify({ inputs }),
  });
  if (answer.status !== 201) throw new Error(`A job was answered with ${answer.status}.`);
  return ((await answer.json()) as { jobID: string }).jobID;
}

function timesOf({ created, started, finished }: Row): Times {
  const [first, second, third] = [created, started ?? '', finished ?? ''].map(Date.parse);
  return { created: first ?? NaN, started: second ?? NaN, finished: third ?? NaN };
}
