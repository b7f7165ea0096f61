/** The server of the demo: a child process on a free port, stopped with the demo. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { isRecord, textOf } from './json.ts';

export interface DemoServer {
  /** Root of its API, without a slash at the end. */
  readonly url: string;
  /** Never fulfilled; fails with the server's last words when it ends by itself. */
  readonly ended: Promise<never>;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Folder of the project: the server runs there. */
  readonly project: string;
  /** Folder for its database and its results. */
  readonly dataFolder: string;
  /** Folder below which the product lies. */
  readonly productRoot: string;
  /** File that receives everything the server says. */
  readonly logFile: string;
}

const startTimeoutMs = 60_000;

/** How long the server may take to stop before it is killed. */
const stopTimeoutMs = 20_000;

/** Lines that an error message repeats. */
const lastLines = 15;

/** Starts the server and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<DemoServer> {
  await mkdir(options.dataFolder, { recursive: true });
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', path.join('src', 'main.ts'), 'serve'],
    {
      cwd: options.project,
      env: serverEnvironment(options),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C reaches the demo alone, which first dismisses the job.
      detached: true,
    },
  );
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const { listening, ended } = watch(child, options.logFile);
  const stop = () => stopChild(child);
  try {
    const url = await Promise.race([listening, ended, timeout(startTimeoutMs)]);
    return { url, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The defaults of the server (SQLite, files), whatever the user's own server is set to. */
function serverEnvironment(options: ServerOptions): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: '0',
    BASE_URL: '',
    DATA_DIR: options.dataFolder,
    DATABASE_URL: '',
    RESULT_STORE: '',
    PRODUCT_ROOTS: options.productRoot,
    API_KEYS_FILE: '',
    OIDC_ISSUER: '',
    OIDC_AUDIENCE: '',
    ANONYMOUS: '',
    LOG_LEVEL: 'info',
  };
}

interface Watch {
  readonly listening: Promise<string>;
  readonly ended: Promise<never>;
}

/** Keeps what the server says, and finds the line that tells where it listens. */
function watch(child: ChildProcess, logFile: string): Watch {
  const log = createWriteStream(logFile);
  const lines: string[] = [];
  const listening = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream == null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        lines.push(line);
        if (lines.length > lastLines) lines.shift();
        const url = listeningUrl(line);
        if (url != null) resolve(url);
      });
    }
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('error', (cause) => {
      reject(new Error('The server could not be started', { cause }));
    });
    child.once('close', (code, signal) => {
      log.end();
      const how = signal ?? `exit code ${code ?? 'unknown'}`;
      const words = lines.map((line) => `  ${line}`).join('\n');
      reject(new Error(`The server has ended (${how}). Its last words:\n${words}`));
    });
  });
  // It is raced against all that waits for the server; nothing waits for it when all goes well.
  ended.catch(() => undefined);
  return { listening, ended };
}

/** Root of the API, from the log line `Server:Listening`; undefined for any other line. */
function listeningUrl(line: string): string | undefined {
  if (!line.includes('Server:Listening')) return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    if (!isRecord(entry)) return undefined;
    return textOf(entry['root'] ?? entry['url'])?.replace(/\/+$/, '');
  } catch {
    return undefined;
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode != null || child.signalCode != null || child.pid == null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await exited;
  clearTimeout(killer);
}

function timeout(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    const message = `The server did not start within ${ms / 1000} seconds.`;
    setTimeout(() => reject(new Error(message)), ms).unref();
  });
}
