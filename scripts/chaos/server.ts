/** The server under fire: one process after the other on one data folder. */
import { join } from 'node:path';
import type { Moment } from './moment.ts';
import { Victim, type Program, type Slot } from './victim.ts';

export interface ServerOptions {
  readonly dataDirectory: string;
  /** Where products are; none where it is absent. */
  readonly productRoot?: string;
  readonly temporaryFolder: string;
  readonly logFile: string;
}

/** Jobs that take longer are handed back when the server is asked to stop. */
const stopSeconds = '1';
const project = join(import.meta.dirname, '../..');

export class Server implements Slot {
  readonly title = 'server';
  readonly #program: Program;
  readonly #lives: Victim[] = [];

  constructor({ dataDirectory, productRoot = '', temporaryFolder, logFile }: ServerOptions) {
    this.#program = {
      args: [join(project, 'src/main.ts'), 'serve'],
      settings: {
        PORT: '0',
        DATA_DIR: dataDirectory,
        PRODUCT_ROOTS: productRoot,
        MAX_RUNNING_JOBS: '2',
        STOP_SECONDS: stopSeconds,
      },
      temporaryFolder,
      logFile,
    };
  }

  /** Where it listens now, if it does. */
  get root(): string | undefined {
    const life = this.#lives.at(-1);
    return life?.isAlive ? life.root : undefined;
  }

  get faults(): readonly string[] {
    return this.#lives.flatMap((life) =>
      life.faults.map((fault) => `Server ${life.pid}: ${fault}`),
    );
  }

  async life(): Promise<Victim> {
    const last = this.#lives.at(-1);
    const life = last?.isAlive ? last : this.start();
    await life.untilAtWork();
    // The chaos cannot go on without a server, and there is no reason for one not to start.
    if (!life.isAlive) throw new Error(`The server does not start:\n${life.faults.join('\n')}`);
    return life;
  }

  start(moment?: Moment): Victim {
    const life = new Victim(this.#program, moment);
    this.#lives.push(life);
    return life;
  }
}
