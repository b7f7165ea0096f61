/**
 * The one loop that delivers callbacks from the outbox: at least once, in spite of restarts and of receivers that are
 * away for hours. Each try passes the guard anew, follows no redirect and reads no answer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AddressNotAllowed } from '../errors.ts';
import type { Log } from '../log.ts';
import type { OutboundClient } from '../outbound/client.ts';
import { shownUrl } from '../outbound/shown-url.ts';
import { signatureHeaders } from './callback-signature.ts';
import type { CallbackOutcome, JobObserver } from './job-observer.ts';
import type { Callback, Outbox } from './outbox.ts';

export interface CallbackSenderTools {
  readonly outbox: Outbox;
  readonly client: OutboundClient;
  readonly log: Log;
  readonly observer?: JobObserver;
  readonly secret: string;
  readonly now: () => Date;
  /** JSON that tells the state; undefined where there is nothing to tell any more. */
  readonly bodyOf: (callback: Callback) => Promise<string | undefined>;
}

export interface CallbackSenderSettings {
  readonly pollIntervalMs: number;
  /** After each failed try but the last, which ends it. */
  readonly delaysMs: readonly number[];
}

const minuteMs = 60_000;

/** Ten tries within a day. */
export const defaultDelaysMs: readonly number[] = [
  10_000,
  minuteMs,
  5 * minuteMs,
  15 * minuteMs,
  60 * minuteMs,
  120 * minuteMs,
  240 * minuteMs,
  360 * minuteMs,
  480 * minuteMs,
];

const mostAtOnce = 8;
/** A receiver that is slow, and told of many jobs, leaves room for others. */
const mostPerOrigin = 2;
const mostLookedAt = 200;

/** `longestMs`: of one try, whatever the receiver does. `holdMs`: beyond every try, no other server begins one as long. */
export const tryTimes = { longestMs: 20_000, holdMs: 60_000 };

const mostAnswerBytes = 64 * 1024;

export class CallbackSender {
  readonly #tools: CallbackSenderTools;
  readonly #settings: CallbackSenderSettings;
  readonly #stop = new AbortController();
  /** Those that go on, by the id of the event. */
  readonly #tries = new Map<string, { readonly origin: string; readonly done: Promise<void> }>();
  #loop: Promise<void> | undefined;

  constructor(tools: CallbackSenderTools, settings: CallbackSenderSettings) {
    this.#tools = tools;
    this.#settings = settings;
  }

  start(): void {
    this.#loop ??= this.#work();
  }

  /** Ends tries that go on; what they were to deliver stays in the outbox. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#tools.client.close();
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#beginDue().catch((err: unknown) =>
        this.#tools.log.error({ err }, 'Outbox:Failed'),
      );
      await sleep(this.#settings.pollIntervalMs, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all([...this.#tries.values()].map(({ done }) => done));
  }

  /** Begins tries of what is due, as far as there is room, and waits for none of them. */
  async #beginDue(): Promise<void> {
    for (const callback of await this.#tools.outbox.due(mostLookedAt)) {
      if (this.#tries.size >= mostAtOnce) return;
      const { origin } = new URL(callback.url);
      const others = [...this.#tries.values()].filter((other) => other.origin === origin);
      if (this.#tries.has(callback.id) || others.length >= mostPerOrigin) continue;
      const names = namesOf(callback);
      const done = this.#deliver(callback)
        .catch((err: unknown) => this.#tools.log.error({ err, ...names }, 'Callback:Unwritten'))
        .finally(() => this.#tries.delete(callback.id));
      this.#tries.set(callback.id, { origin, done });
    }
  }

  async #deliver(callback: Callback): Promise<void> {
    const { outbox, log, observer } = this.#tools;
    if (!(await outbox.take(callback, tryTimes.holdMs))) return;
    const news = `The callback that tells "${callback.job.status}"`;
    const fault = await this.#fault(callback);
    if (this.#stop.signal.aborted && fault !== undefined) return outbox.putBack(callback);
    const tries = callback.tries + 1;
    const delayMs = this.#settings.delaysMs[callback.tries];
    observer?.callbackTried(outcomeOf(fault, delayMs));
    log.info({ ...namesOf(callback), tries, fault }, 'Callback:Tried');
    if (fault === undefined) return outbox.close(callback, `${news} was delivered.`);
    const what = `${news} was not delivered to ${shownUrl(callback.url)} (try ${tries}: ${fault})`;
    if (delayMs === undefined) return outbox.close(callback, `${what}; it is given up.`);
    // Those that failed together shall not come back together.
    const waitMs = Math.round(delayMs * (1 + Math.random() / 4));
    const seconds = Math.round(waitMs / 1000);
    await outbox.postpone(callback, waitMs, `${what}; the next try is in ${seconds} s.`);
  }

  /** Why a try failed, in words that tell nothing about the receiver's network. */
  async #fault(callback: Callback): Promise<string | undefined> {
    const { client, log, now, secret, bodyOf } = this.#tools;
    try {
      const body = await bodyOf(callback);
      if (body === undefined) return undefined;
      const signed = signatureHeaders(secret, { id: callback.id, body, time: now() });
      const answer = await client.post(callback.url, {
        body,
        headers: { 'content-type': 'application/json', ...signed },
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(tryTimes.longestMs)]),
        maxBytes: mostAnswerBytes,
      });
      answer.discard();
      return answer.status >= 200 && answer.status < 300 ? undefined : `status ${answer.status}`;
    } catch (error) {
      if (error instanceof AddressNotAllowed) return 'address not allowed';
      log.debug({ err: error, ...namesOf(callback) }, 'Callback:Failed');
      return 'no answer';
    }
  }
}

/** What names a callback in the log. */
function namesOf({ id, job }: Callback): { readonly jobId: string; readonly event: string } {
  return { jobId: job.id, event: id };
}

function outcomeOf(fault: string | undefined, delayMs: number | undefined): CallbackOutcome {
  if (fault === undefined) return 'delivered';
  return delayMs === undefined ? 'given-up' : 'postponed';
}
