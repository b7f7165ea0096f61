/**
 * A real S3 server that checks signatures, over a folder, where each folder below is a bucket: versitygw, else rclone, which
 * knows less (it looks at no conditions of a request). `.ci/run` installs one of them; elsewhere tests that need one are
 * skipped where there is none, and say so.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from './certificate.ts';
import { withFolder } from './folder.ts';

const [accessKeyId, secretAccessKey] = ['operatorskey', 'operatorssecret'];

interface Program {
  readonly name: 'versitygw' | 'rclone';
  /** Below `.cache`, where `.ci/run` puts it. */
  readonly cached: string;
  /** Ends with 0 where it is there and can serve. */
  readonly trial: readonly string[];
  args(address: string, directory: string, options: readonly string[]): readonly string[];
}

const programs: readonly Program[] = [
  {
    name: 'versitygw',
    cached: 'bin/versitygw',
    trial: ['--version'],
    args: (address, directory, options) => [
      '--port',
      address,
      '--quiet',
      ...options,
      'posix',
      directory,
    ],
  },
  {
    name: 'rclone',
    cached: 'rclone/bin/rclone',
    trial: ['serve', 's3', '--help'],
    // What a test writes into the folder is seen at once.
    args: (address, directory) => [
      'serve',
      's3',
      `--addr=${address}`,
      `--auth-key=${accessKeyId},${secretAccessKey}`,
      '--vfs-cache-mode=writes',
      '--dir-cache-time=0s',
      directory,
    ],
  },
];

/** The program that is used, or undefined where there is none. In CI that is a failure. */
export function s3Program(): { readonly name: Program['name'] } | undefined {
  const found = findProgram();
  if (found !== undefined) return found.program;
  if (process.env['CI'] === 'true') throw new Error('There is no S3 server: .ci/run installs one.');
  console.warn('Skipped: neither versitygw nor rclone is here (.ci/run shows how to install one).');
  return undefined;
}

/** True where the program can do all that S3ServerOptions name and looks at checksums: versitygw. */
export function hasStrictS3(): boolean {
  const name = s3Program()?.name;
  if (name === 'rclone') console.warn('Skipped: it needs versitygw, and only rclone is here.');
  return name === 'versitygw';
}

function findProgram(): { readonly program: Program; readonly file: string } | undefined {
  for (const program of programs) {
    const cached = resolve(import.meta.dirname, '../../.cache', program.cached);
    const file = existsSync(cached) ? cached : program.name;
    if (spawnSync(file, program.trial).status === 0) return { program, file };
  }
  return undefined;
}

export interface S3Server {
  readonly endpointUrl: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Folder whose folders are the buckets. */
  readonly directory: string;
}

export interface S3ServerOptions {
  /** `us-east-1` when absent. */
  readonly region?: string;
  /** Speaks TLS with it. */
  readonly certificate?: Certificate;
  /** Buckets are found by names below it too. */
  readonly domain?: string;
  /** Another user besides the one that may do everything: it may do what bucket policies say. */
  readonly user?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Serves folders of `directory` as buckets while `use` runs. Options need a strict server. */
export async function withS3Server<T>(
  directory: string,
  buckets: readonly string[],
  use: (server: S3Server) => Promise<T>,
  options: S3ServerOptions = {},
): Promise<T> {
  const found = findProgram();
  if (found === undefined) throw new Error('Ask s3Program first.');
  const { program, file } = found;
  for (const bucket of buckets) await mkdir(join(directory, bucket), { recursive: true });
  const own = await chosen(directory, options);
  const port = await freePort();
  const scheme = options.certificate === undefined ? 'http' : 'https';
  const server = {
    endpointUrl: `${scheme}://127.0.0.1:${port}`,
    accessKeyId,
    secretAccessKey,
    directory,
  };
  return withFolder(async (cache) => {
    const child = spawn(file, program.args(`127.0.0.1:${port}`, directory, own), {
      env: {
        PATH: '/usr/bin:/bin',
        ROOT_ACCESS_KEY: accessKeyId,
        ROOT_SECRET_KEY: secretAccessKey,
        RCLONE_CONFIG: '/dev/null',
        RCLONE_CACHE_DIR: cache,
      },
      stdio: 'ignore',
    });
    const exited = once(child, 'exit');
    try {
      await untilAnswering(port);
      addUser(file, server, options);
      return await use(server);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
  });
}

function addUser(file: string, { endpointUrl }: S3Server, { user, region }: S3ServerOptions): void {
  if (user === undefined) return;
  const as = ['admin', '--access', accessKeyId, '--secret', secretAccessKey, '-er', endpointUrl];
  const at = region === undefined ? [] : ['--region', region];
  const made = ['--access', user.accessKeyId, '--secret', user.secretAccessKey, '--role', 'user'];
  const { status, stderr } = spawnSync(file, [...as, ...at, 'create-user', ...made]);
  if (status !== 0) throw new Error(`The user was not made: ${stderr.toString()}`);
}

async function chosen(
  directory: string,
  { region, certificate, domain, user }: S3ServerOptions,
): Promise<string[]> {
  const beside = `${directory}-server`;
  await mkdir(beside, { recursive: true });
  const files = { cert: join(beside, 'cert.pem'), key: join(beside, 'key.pem') };
  if (certificate !== undefined) {
    await writeFile(files.cert, certificate.cert);
    await writeFile(files.key, certificate.key);
  }
  return [
    ...(region === undefined ? [] : ['--region', region]),
    ...(domain === undefined ? [] : ['--virtual-domain', domain]),
    ...(certificate === undefined ? [] : ['--cert', files.cert, '--key', files.key]),
    ...(user === undefined ? [] : ['--iam-dir', beside]),
  ];
}

async function untilAnswering(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await sleep(100);
  }
  throw new Error(`Port ${port} does not answer.`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
