/**
 * Fetches one large file and goes on where it was cut: within a run after a pause, and in a later run. What has come
 * lies in `<part>`, and beside it `<part>.json` says of which version of which file it is.
 */
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cancelled, ModelUnusable } from '../../errors.ts';
import { ask, isWhole, type Answer } from './download-answer.ts';
import { Retryable } from './retryable.ts';
import { shownUrl } from './shown-url.ts';

export interface DownloadProgress {
  readonly received: number;
  /** Undefined where the server does not say. */
  readonly total: number | undefined;
}

export interface DownloadRequest {
  readonly url: string;
  /** Receives the file. */
  readonly part: string;
  /** Size of the file, if it is known: another size is refused before a byte is fetched. */
  readonly bytes: number | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly progress: (progress: DownloadProgress) => void;
  /** Tells of pauses. */
  readonly notice: (message: string) => void;
  /** How long nothing may come. */
  readonly idleMs?: number;
  /** Pauses before the next attempts; after the last the download fails. */
  readonly retryDelaysMs?: readonly number[];
}

/** What is known of a part: of which address, and which version (ETag or date). */
interface PartNote {
  readonly url: string;
  readonly validator: string;
}

const defaultDelaysMs = [1000, 2000, 4000, 8000, 16_000];

/**
 * Fetches the file into `part`; the caller checks its SHA-256.
 * @throws ModelUnusable when the server does not give it, Cancelled when `signal` says so. What has come stays.
 */
export async function download(request: DownloadRequest): Promise<void> {
  const delays = request.retryDelaysMs ?? defaultDelaysMs;
  for (let failures = 0; ;) {
    const before = await sizeOf(request.part);
    try {
      await attempt(request, before);
      return;
    } catch (error) {
      if (request.signal.aborted)
        throw new Cancelled('The download was interrupted; it can go on.');
      if (!(error instanceof Retryable)) throw error;
      // Whoever makes progress may go on as long as it takes.
      failures = (await sizeOf(request.part)) > before ? 1 : failures + 1;
      const pause = delays[failures - 1];
      if (pause === undefined) throw unreachable(request.url, error);
      request.notice(`${error.message}; trying again in ${pause / 1000} s`);
      await sleep(Math.max(pause, error.pauseMs ?? 0), undefined, { signal: request.signal }).catch(
        () => undefined,
      );
    }
  }
}

function unreachable(url: string, error: Retryable): ModelUnusable {
  return new ModelUnusable(
    `${shownUrl(url)} cannot be downloaded: ${error.message}. What has come is kept: the same command goes on from there. ` +
      'Or download the file by other means and give it with --from <file>. Behind a proxy, set NODE_USE_ENV_PROXY=1 and HTTPS_PROXY.',
    { cause: error },
  );
}

/** Removes a part: it is installed, or it is not what it should be. */
export async function removePart(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
}

async function attempt(request: DownloadRequest, have: number): Promise<void> {
  const note = have > 0 ? await readNote(request.part) : undefined;
  const isSame = note?.url === shownUrl(request.url);
  if (isSame && have === request.bytes) return;
  const idle = new IdleTimer(request.idleMs ?? 30_000);
  try {
    const signal = AbortSignal.any([request.signal, idle.signal]);
    const resume =
      isSame && note.validator !== '' ? { from: have, validator: note.validator } : undefined;
    const answer = await ask(request.url, resume, signal);
    if (isWhole(answer)) return;
    assertSize(request, answer);
    if (answer.start === 0)
      await writeNote(request.part, { url: shownUrl(request.url), validator: answer.validator });
    await receive(request, answer, () => idle.restart());
  } catch (error) {
    if (idle.signal.aborted) throw new Retryable(`nothing came for ${idle.ms / 1000} s`);
    throw error;
  } finally {
    idle.stop();
  }
}

function assertSize({ url, bytes, maxBytes }: DownloadRequest, { total }: Answer): void {
  if (total === undefined) return;
  if (bytes !== undefined && total !== bytes) {
    throw new ModelUnusable(
      `${shownUrl(url)} has ${total} bytes; the checkpoint has ${bytes}. It is another file. Nothing was downloaded.`,
    );
  }
  if (total > maxBytes) {
    throw new ModelUnusable(
      `${shownUrl(url)} has ${total} bytes; at most ${maxBytes} are accepted.`,
    );
  }
}

async function receive(request: DownloadRequest, answer: Answer, alive: () => void): Promise<void> {
  const file = await open(request.part, answer.start > 0 ? 'a' : 'w');
  const most = request.bytes ?? request.maxBytes;
  let received = answer.start;
  try {
    for await (const chunk of answer.chunks()) {
      alive();
      received += chunk.length;
      if (received > most) {
        throw new ModelUnusable(
          `${shownUrl(request.url)} sends more than the ${most} bytes that are accepted.`,
        );
      }
      await file.writeFile(chunk);
      request.progress({ received, total: answer.total ?? request.bytes });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (answer.total !== undefined && received < answer.total) {
    throw new Retryable(`the connection ended after ${received} of ${answer.total} bytes`);
  }
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return found?.size ?? 0;
}

/** A note that cannot be read is none: the download begins anew. */
async function readNote(part: string): Promise<PartNote | undefined> {
  try {
    const note = JSON.parse(await readFile(`${part}.json`, 'utf8')) as Partial<PartNote> | null;
    if (typeof note?.url !== 'string' || typeof note.validator !== 'string') return undefined;
    return { url: note.url, validator: note.validator };
  } catch (error) {
    const isExpected =
      error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isExpected) return undefined;
    throw error;
  }
}

async function writeNote(part: string, note: PartNote): Promise<void> {
  // First the part goes: an old one must never meet the new note.
  await rm(part, { force: true });
  await writeFile(`${part}.json`, JSON.stringify(note));
}

/** Aborts its signal when it is not restarted for `ms`. */
class IdleTimer {
  readonly ms: number;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.ms = ms;
    this.#timer = setTimeout(() => this.#controller.abort(), ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
