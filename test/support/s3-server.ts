/**
 * A real S3 server that checks signatures: versitygw over a folder, where each folder below is a bucket. `.ci/run` installs it;
 * elsewhere tests that need it are skipped where it is not there, and say so.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

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

/** Serves folders of `directory` as buckets while `use` runs. */
export async function withS3Server<T>(
  directory: string,
  buckets: readonly string[],
  use: (server: S3Server) => Promise<T>,
): Promise<T> {
  const program = s3Program();
  if (program === undefined) throw new Error('Ask s3Program first.');
  for (const bucket of buckets) await mkdir(join(directory, bucket), { recursive: true });
  const [accessKeyId, secretAccessKey] = ['operatorskey', 'operatorssecret'];
  const port = await freePort();
  const child = spawn(program, ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', directory], {
    env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey, PATH: '/usr/bin:/bin' },
    stdio: 'ignore',
  });
  const endpointUrl = `http://127.0.0.1:${port}`;
  try {
    await untilAnswering(endpointUrl);
    return await use({ endpointUrl, accessKeyId, secretAccessKey, directory });
  } finally {
    child.kill('SIGKILL');
  }
}

async function untilAnswering(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer.`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
