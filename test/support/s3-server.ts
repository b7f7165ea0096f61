/**
 * A real S3 server that checks signatures: versitygw over a folder, where each folder below is a bucket. `.ci/run` installs it;
 * elsewhere tests that need it are skipped where it is not there, and say so.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from './certificate.ts';

const cached = resolve(import.meta.dirname, '../../.cache/bin/versitygw');

/** Path of the program, or undefined where it is not installed. In CI that is a failure. */
export function s3Program(): string | undefined {
  if (existsSync(cached)) return cached;
  if (spawnSync('versitygw', ['--version']).status === 0) return 'versitygw';
  if (process.env['CI'] === 'true') throw new Error('versitygw is missing: .ci/run installs it.');
  console.warn('Skipped: versitygw is not here (.ci/run shows how to install it).');
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

/** Serves folders of `directory` as buckets while `use` runs. */
export async function withS3Server<T>(
  directory: string,
  buckets: readonly string[],
  use: (server: S3Server) => Promise<T>,
  options: S3ServerOptions = {},
): Promise<T> {
  const program = s3Program();
  if (program === undefined) throw new Error('Ask s3Program first.');
  for (const bucket of buckets) await mkdir(join(directory, bucket), { recursive: true });
  const [accessKeyId, secretAccessKey] = ['operatorskey', 'operatorssecret'];
  const port = await freePort();
  const own = ['--port', `127.0.0.1:${port}`, '--quiet', ...(await chosen(directory, options))];
  const child = spawn(program, [...own, 'posix', directory], {
    env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey, PATH: '/usr/bin:/bin' },
    stdio: 'ignore',
  });
  const scheme = options.certificate === undefined ? 'http' : 'https';
  const endpointUrl = `${scheme}://127.0.0.1:${port}`;
  try {
    await untilAnswering(port);
    if (options.user !== undefined) {
      const { accessKeyId: key, secretAccessKey: secret } = options.user;
      const as = ['admin', '--access', accessKeyId, '--secret', secretAccessKey];
      const at = options.region === undefined ? [] : ['--region', options.region];
      const user = ['create-user', '--access', key, '--secret', secret, '--role', 'user'];
      const { status, stderr } = spawnSync(program, [...as, '-er', endpointUrl, ...at, ...user]);
      if (status !== 0) throw new Error(`The user was not made: ${stderr.toString()}`);
    }
    return await use({ endpointUrl, accessKeyId, secretAccessKey, directory });
  } finally {
    child.kill('SIGKILL');
  }
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
