/**
 * A real PostgreSQL, in a folder of its own and on a free port. `.ci/run` installs it; elsewhere tests that need one are
 * skipped where there is none, and say so.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectPostgres } from '../../src/database/connect-postgres.ts';
import { freePort } from './free-port.ts';
import { until } from './server.ts';

const packaged = '/usr/lib/postgresql';

/** Folder of the programs; undefined where there are none. In CI that is a failure. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(packaged) ? readdirSync(packaged) : [];
  const folders = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(packaged, version, 'bin'));
  const configured = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  if (configured.status === 0) folders.push(configured.stdout.trim());
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (found === undefined && process.env['CI'] === 'true')
    throw new Error('There is no PostgreSQL: .ci/run installs it.');
  if (found === undefined) console.warn('Skipped: PostgreSQL is not installed here.');
  return found;
}

/** PostgreSQL refuses to run as root. */
function ordinaryUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => /^(?:postgres|nobody):/.test(entry));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

/** What PostgreSQL makes of a signal, by our word for it. */
const signals = { fast: 'SIGINT', immediate: 'SIGQUIT', killed: 'SIGKILL' } as const;

function isRunning(one: ChildProcess | undefined): boolean {
  return one?.exitCode === null && one.signalCode === null;
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number);
}

/** Undefined when it is gone. */
function parentOf(pid: string): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
  } catch {
    return undefined;
  }
}

export class PostgresServer {
  readonly #programs: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #as = ordinaryUser() ?? {};
  #process: ChildProcess | undefined;

  private constructor(programs: string, folder: string, port: number) {
    this.#programs = programs;
    this.#folder = folder;
    this.#port = port;
  }

  /** With the settings that a new installation has. */
  static async start(): Promise<PostgresServer> {
    const programs = postgresPrograms();
    if (programs === undefined) throw new Error('Ask postgresPrograms first.');
    const folder = await mkdtemp(join(tmpdir(), 'cloudmask-postgres-'));
    const server = new PostgresServer(programs, folder, await freePort());
    const { uid, gid } = ordinaryUser() ?? {};
    if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
    const made = spawnSync(
      join(programs, 'initdb'),
      ['-D', server.#data, '-U', 'cloudmask', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
      { ...server.#as, cwd: folder, encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    await server.#askForPassword('locked');
    await server.resume();
    return server;
  }

  /** Everybody else is let in without one. */
  async #askForPassword(user: string): Promise<void> {
    const file = join(this.#data, 'pg_hba.conf');
    const rules = await readFile(file, 'utf8');
    await writeFile(file, `host all ${user} 127.0.0.1/32 scram-sha-256\n${rules}`);
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  /** `user` may be `name:password`; that of `locked` is asked for. */
  url(database: string, user = 'cloudmask'): string {
    return `postgres://${user}@127.0.0.1:${this.#port}/${database}`;
  }

  /** Answers the URL of a new, empty database. */
  async createDatabase(): Promise<string> {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await this.run(`create database ${name}`);
    return this.url(name);
  }

  /** Runs SQL as an administrator. */
  async run(sql: string, database = 'postgres'): Promise<void> {
    const admin = connectPostgres(this.url(database), { most: 1 });
    try {
      await admin.raw(sql);
    } finally {
      await admin.destroy();
    }
  }

  /** All its processes that are alive; the first one is that of the server, the others are its children. */
  processes(): number[] {
    const { pid } = this.#process ?? {};
    return pid === undefined ? [] : [pid, ...childrenOf(pid)];
  }

  /** `immediate`: it gives up at once; `killed`: kill -9 of the server, whose children have to notice it. */
  async halt(how: keyof typeof signals = 'fast'): Promise<void> {
    const running = this.#process;
    if (running === undefined) return;
    this.#process = undefined;
    if (!isRunning(running)) return;
    const exited = once(running, 'exit');
    running.kill(signals[how]);
    await exited;
  }

  /** Starts it again, where it was and with what it kept. */
  async resume(options: readonly string[] = []): Promise<void> {
    await until(() => {
      // Children of a server that was killed may still be there: then it does not start.
      if (!isRunning(this.#process)) this.#process = this.#spawn(options);
      return this.run('select 1').then(
        () => true,
        () => false,
      );
    }, 'PostgreSQL answers');
  }

  #spawn(options: readonly string[]): ChildProcess {
    const own = ['-D', this.#data, '-p', String(this.#port), '-k', this.#folder];
    const set = ['listen_addresses=127.0.0.1', 'max_connections=200', ...options];
    const args = [...own, ...set.flatMap((option) => ['-c', option])];
    return spawn(join(this.#programs, 'postgres'), args, {
      ...this.#as,
      cwd: this.#folder,
      stdio: 'ignore',
    });
  }

  async stop(): Promise<void> {
    await this.halt('immediate');
    await rm(this.#folder, { recursive: true, force: true });
  }
}
