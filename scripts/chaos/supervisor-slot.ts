/** A place for a supervisor: one process after the other. */
import { join } from 'node:path';
import { Victim, type Program } from './victim.ts';

export interface SupervisorOptions {
  readonly dataDirectory: string;
  readonly temporaryFolder: string;
  readonly logFile: string;
}

export class Supervisor {
  readonly #program: Program;
  readonly #lives: Victim[] = [];

  constructor({ dataDirectory, temporaryFolder, logFile }: SupervisorOptions) {
    const script = join(import.meta.dirname, 'supervisor.ts');
    this.#program = { args: [script, dataDirectory], temporaryFolder, logFile };
  }

  get faults(): readonly string[] {
    return this.#lives.flatMap(({ pid, faults }) =>
      faults.map((fault) => `Supervisor ${pid}: ${fault}`),
    );
  }

  /** The process that lives; a new one where there is none. */
  life(): Victim {
    const last = this.#lives.at(-1);
    if (last?.isAlive) return last;
    const life = new Victim(this.#program);
    this.#lives.push(life);
    return life;
  }
}
