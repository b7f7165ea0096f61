/**
 * Services of `deploy/compose.yaml` as processes of this machine: their commands and environments, with other addresses
 * and folders, and without the walls of containers.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import type { Service } from './compose-file.ts';
import { environmentOf, imageStages, project, wordsOf } from './image-tree.ts';
import { until } from './server.ts';

/** Text of the file → what stands for it on this machine: addresses, ports, folders. */
export type Replacements = Readonly<Record<string, string>>;

export interface Program {
  /** All that it wrote. */
  readonly output: () => string;
  /** Whether the health check of its service or image succeeds now. @throws Error when the program has ended */
  isHealthy(): boolean;
  /** As a container is stopped; answers the exit code. */
  stop(): Promise<number | null>;
  /** Its environment, as it was started. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Start {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly healthCheck: readonly string[];
  readonly user?: User | undefined;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** One who may do little, where this process may choose and that one can read the project; else undefined. */
export function ordinaryUser(name: 'nobody' | 'postgres'): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':').map(Number) ?? [];
  if (uid === undefined || gid === undefined) return undefined;
  const look = ['-e', `require('node:fs').readdirSync(${JSON.stringify(project)})`];
  return spawnSync(process.execPath, look, { uid, gid }).status === 0 ? { uid, gid } : undefined;
}

/** PostgreSQL's programs; undefined where there are none. */
export function postgresFolder(): string | undefined {
  const root = '/usr/lib/postgresql';
  const found = existsSync(root) ? readdirSync(root).toSorted().toReversed() : [];
  return found
    .map((version) => join(root, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}

function run({ command, environment, folder, healthCheck, user }: Start): Program {
  const [file = '', ...args] = command;
  const child: ChildProcess = spawn(file, args, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let hasEnded = false;
  exited.catch((error: unknown) => (output += String(error))).finally(() => (hasEnded = true));
  return {
    output: () => output,
    isHealthy() {
      if (hasEnded) throw new Error(`It has ended: ${output}`);
      const [test = '', ...words] = healthCheck;
      return spawnSync(test, words, { cwd: folder, env: environment, ...user }).status === 0;
    },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
    environment,
  };
}

/** A service that runs our image, in a folder that is made like it. */
export async function startOurs(
  service: Service,
  replacements: Replacements,
  place: { readonly tree: string; readonly data: string; readonly user: User | undefined },
): Promise<Program> {
  const last = (await imageStages()).at(-1) ?? [];
  await mkdir(place.data, { recursive: true });
  if (place.user !== undefined) chownSync(place.data, place.user.uid, place.user.gid);
  const [metricsPort, port] = [await freePort(), await freePort()];
  const environment = {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    ...environmentOf(last),
    ...replaced(service.environment, replacements),
    HOST: '127.0.0.1',
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    DATA_DIR: place.data,
  };
  const command = service.command ?? wordsOf(last, 'CMD');
  const healthCheck = wordsOf(last, 'HEALTHCHECK');
  return run({ command, environment, folder: place.tree, healthCheck, user: place.user });
}

/** What the image of PostgreSQL does with the environment of its service. */
export async function startDatabase(
  service: Service,
  folder: string,
  port: number,
): Promise<Program> {
  const programs = postgresFolder() ?? '';
  const user = ordinaryUser('postgres');
  const { POSTGRES_USER: name = '', POSTGRES_PASSWORD: password = '' } = service.environment;
  await mkdir(folder, { recursive: true });
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  if (user !== undefined)
    for (const one of [folder, passwordFile]) chownSync(one, user.uid, user.gid);
  const data = join(folder, 'data');
  const made = spawnSync(
    join(programs, 'initdb'),
    [
      '-D',
      data,
      '-U',
      name,
      `--pwfile=${passwordFile}`,
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--no-sync',
    ],
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const environment = {
    PATH: programs + delimiter + '/usr/bin:/bin',
    PGPORT: String(port),
    PGPASSWORD: password,
  };
  const [, ...healthCheck] = service.healthcheck?.test ?? [];
  const command = ['postgres', '-D', data, '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  const program = run({ command, environment, folder, healthCheck, user });
  await until(() => program.isHealthy(), `PostgreSQL is healthy: ${program.output()}`);
  const create = ['-h', '127.0.0.1', '-U', name, service.environment['POSTGRES_DB'] ?? ''];
  // The server makes the database of its superuser's name for itself in the image; here nobody has.
  const created = spawnSync(join(programs, 'createdb'), create, {
    env: environment,
    encoding: 'utf8',
  });
  if (created.status !== 0) throw new Error(`createdb: ${created.stderr}`);
  return program;
}

/** The S3 service, by the shell line of its service. */
export async function startBuckets(service: Service, replacements: Replacements): Promise<Program> {
  const words = [...(service.entrypoint ?? []), ...(service.command ?? [])];
  const own = replaced(service.environment, {});
  const path = [join(project, '.cache/bin'), own['PATH'] ?? ''].join(delimiter);
  const [, ...healthCheck] = service.healthcheck?.test ?? [];
  const program = run({
    command: words.map((word) => replace(word, replacements)),
    environment: { ...own, PATH: path },
    folder: '/',
    healthCheck: healthCheck.map((word) => replace(word, replacements)),
  });
  await until(() => program.isHealthy(), `S3 is healthy: ${program.output()}`);
  return program;
}

function replaced(
  environment: Readonly<Record<string, string>>,
  replacements: Replacements,
): Record<string, string> {
  const pairs = Object.entries(environment);
  return Object.fromEntries(pairs.map(([name, value]) => [name, replace(value, replacements)]));
}

function replace(text: string, replacements: Replacements): string {
  return Object.entries(replacements).reduce((done, [from, to]) => done.replaceAll(from, to), text);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
