/**
 * A real S3 server that checks signatures, over a folder, where each folder below is a bucket: versitygw, else rclone, which
 * knows less (it looks at no conditions of a request). `.ci/run` installs one of them; elsewhere tests that need one are
 * skipped where there is none, and say so.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFolder } from './folder.ts';

const [accessKeyId, secretAccessKey] = ['operatorskey', 'operatorssecret'];

interface Program {
  readonly name: 'versitygw' | 'rclone';
  /** Below `.cache`, where `.ci/run` puts it. */
  readonly cached: string;
  /** Ends with 0 where it is there and can serve. */
  readonly trial: readonly string[];
  args(address: string, directory: string): readonly string[];
}

const programs: readonly Program[] = [
  {
    name: 'versitygw',
    cached: 'bin/versitygw',
    trial: ['--version'],
    args: (address, directory) => ['--port', address, '--quiet', 'posix', directory],
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

/** Serves folders of `directory` as buckets while `use` runs. */
export async function withS3Server<T>(
  directory: string,
  buckets: readonly string[],
  use: (server: S3Server) => Promise<T>,
): Promise<T> {
  const found = findProgram();
  if (found === undefined) throw new Error('Ask s3Program first.');
  for (const bucket of buckets) await mkdir(join(directory, bucket), { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  return withFolder(async (cache) => {
    const child = spawn(found.file, found.program.args(address, directory), {
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
    const endpointUrl = `http://${address}`;
    try {
      await untilAnswering(endpointUrl);
      return await use({ endpointUrl, accessKeyId, secretAccessKey, directory });
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
  });
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
