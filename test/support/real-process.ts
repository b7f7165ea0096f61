/** Real processes of ours, as an operator starts them: `node src/main.ts serve`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectFolder } from '../../src/config/project-folder.ts';
import { ownEnvironment } from './own-environment.ts';
import { until } from './server.ts';

export interface RealProcess {
  readonly process: ChildProcess;
  /** Public root of a server; empty where there is none. */
  readonly root: string;
  /** All that it said so far. */
  output(): string;
}

/** Any port, no waiting at the end, and as many requests as tests like. */
const patient = { PORT: '0', STOP_SECONDS: '0', RATE_LIMIT: '0', EXECUTION_RATE_LIMIT: '0' };

export class RealProcesses {
  readonly #started: ChildProcess[] = [];

  /** Resolves when it is at work, or has ended. */
  async start(
    command: 'serve' | 'work',
    settings: Readonly<Record<string, string>>,
    nodeOptions: readonly string[] = [],
    [file = '', ...args]: readonly string[] = ['src/main.ts', command],
  ): Promise<RealProcess> {
    const program = join(projectFolder(), file);
    const child = spawn(process.execPath, [...nodeOptions, program, ...args], {
      env: { ...ownEnvironment(), ...patient, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#started.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const isAtWork = () => /"(?:Server:Listening|Worker:Started)"/.test(text);
    await until(() => isAtWork() || child.exitCode !== null, `${command} is at work`);
    return {
      process: child,
      root: /"root":"([^"]+)"/.exec(text)?.[1] ?? '',
      output: () => text,
    };
  }

  async killAll(): Promise<void> {
    const alive = this.#started.filter((one) => one.exitCode === null && one.signalCode === null);
    const exits = alive.map((one) => once(one, 'exit'));
    for (const one of alive) one.kill('SIGKILL');
    await Promise.all(exits);
    this.#started.length = 0;
  }
}
