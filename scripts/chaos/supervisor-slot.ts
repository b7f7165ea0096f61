/** A place for a supervisor: one process after the other. */
import { join } from 'node:path';
import type { Moment } from './moment.ts';
import { Victim, type Program, type Slot } from './victim.ts';

export interface SupervisorOptions {
  readonly dataDirectory: string;
  readonly temporaryFolder: string;
  readonly logFile: string;
}

export class Supervisor implements Slot {
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

  async life(): Promise<Victim> {
    const last = this.#lives.at(-1);
    return last?.isAlive ? last : this.start();
  }

  start(moment?: Moment): Victim {
    const life = new Victim(this.#program, moment);
    this.#lives.push(life);
    return life;
  }
}
