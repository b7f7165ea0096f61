/** Servers and workers that share a PostgreSQL, each with a way to it that can be cut. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable } from '../../src/errors.ts';
import { freePort } from '../../test/support/free-port.ts';
import { DatabaseProxy } from './database-proxy.ts';
import type { Moment } from './moment.ts';
import type { Place } from './users.ts';
import { Victim, type Program, type Slot } from './victim.ts';

export interface FleetOptions {
  readonly databaseUrl: string;
  /** Of all of them. */
  readonly settings: Readonly<Record<string, string>>;
  readonly temporaryFolder: string;
  readonly logFile: string;
}

/** Links are never followed here. */
const publicRoot = 'http://127.0.0.1:1';
const project = join(import.meta.dirname, '../..');
/** A database that is killed again and again leaves time for a start in between. */
const longestStartMs = 300_000;

/** One of them: one process after the other, as a service manager starts them. */
export class Member implements Slot {
  readonly title: 'server' | 'worker';
  readonly proxy: DatabaseProxy;
  /** Of a server: where it listens. */
  readonly address: string | undefined;
  readonly #program: Program;
  readonly #lives: Victim[] = [];

  private constructor(
    { title, address }: Pick<Member, 'title' | 'address'>,
    proxy: DatabaseProxy,
    program: Program,
  ) {
    this.title = title;
    this.address = address;
    this.proxy = proxy;
    this.#program = program;
  }

  /** `maxRunning`: jobs that it computes at once. */
  static async open(
    title: 'server' | 'worker',
    maxRunning: number,
    options: FleetOptions,
  ): Promise<Member> {
    const proxy = await DatabaseProxy.open(options.databaseUrl);
    const port = title === 'server' ? await freePort() : 0;
    const address = title === 'server' ? `http://127.0.0.1:${port}` : undefined;
    return new Member({ title, address }, proxy, {
      args: [join(project, 'src/main.ts'), title === 'server' ? 'serve' : 'work'],
      settings: {
        ...options.settings,
        DATABASE_URL: proxy.url,
        BASE_URL: publicRoot,
        PORT: String(port),
        MAX_RUNNING_JOBS: String(maxRunning),
      },
      preload: join(import.meta.dirname, 'short-times.ts'),
      isExpected: tellsOfDatabase,
      temporaryFolder: options.temporaryFolder,
      logFile: options.logFile,
    });
  }

  get isAlive(): boolean {
    return this.#lives.at(-1)?.isAlive ?? false;
  }

  get jobIds(): readonly string[] {
    return this.#lives.at(-1)?.jobIds ?? [];
  }

  get faults(): readonly string[] {
    return this.#lives.flatMap(({ pid, faults }) =>
      faults.map((fault) => `The ${this.title} ${pid}: ${fault}`),
    );
  }

  /** Without a database none begins to work: then another is started. */
  async life(): Promise<Victim> {
    const deadline = performance.now() + longestStartMs;
    while (performance.now() < deadline) {
      const last = this.#lives.at(-1);
      const life = last?.isAlive ? last : this.start();
      await life.untilAtWork();
      if (life.isAlive) return life;
      await sleep(200);
    }
    throw new Error(`The ${this.title} does not start:\n${this.faults.join('\n')}`);
  }

  start(moment?: Moment): Victim {
    const life = new Victim(this.#program, moment);
    this.#lives.push(life);
    return life;
  }
}

/** What a process may say while the database is away. */
function tellsOfDatabase(line: string): boolean {
  return (
    line.includes('"type":"DatabaseUnavailable"') ||
    line === new DatabaseUnavailable().message ||
    // pg-boss leaves connections that fail early to nobody: the process ends and is started again.
    (line.includes('"msg":"Server:Broken"') && line.includes('"code":"57P01"')) ||
    /^DATABASE_URL \S+ cannot be used: PostgreSQL (?:does not answer|is starting)/.test(line)
  );
}

/** One server or the other, whichever is there; first the one that is preferred. */
export function anyOf(servers: readonly Member[], preferred?: Member): Place {
  let turn = 0;
  return {
    get root() {
      const alive = servers.filter((server) => server.isAlive);
      const found = preferred?.isAlive ? preferred : alive[(turn += 1) % alive.length];
      return found?.address;
    },
  };
}
