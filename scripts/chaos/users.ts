/** Users of the server under fire: they execute, repeat what was not answered, look, dismiss, and remember what they were told. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../../src/processes/process.ts';
import type { Subscriber } from '../../src/processes/subscriber.ts';
import type { Chance } from './chance.ts';

/** A job as its user knows it. */
export interface Order {
  readonly key: string;
  readonly processId: string;
  readonly inputs: Readonly<Record<string, Json>>;
  /** What the answers 201 to its key said: one and the same. */
  readonly ids: Set<string>;
  /** A DELETE was answered. */
  isDismissed: boolean;
}

export interface Place {
  /** Of the API, while there is one. */
  readonly root: string | undefined;
}

/** What several users share, who ask at different places. */
export interface Shared {
  /** What the masks are made of. */
  readonly product: string;
  readonly orders: Order[];
  readonly faults: string[];
  /** Who is told what becomes of the job with a key; nobody where it is absent. */
  readonly subscriberOf?: (key: string) => Subscriber;
}

interface Answer {
  readonly status: number;
  /** What is read of answers. */
  readonly body: {
    readonly jobID?: string;
    readonly status?: string;
    /** Results. */
    readonly a?: { readonly value?: Json };
    readonly cloud_mask?: { readonly href: string };
  };
}

interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Every other status than these is a fault; 503 means to come again. */
  readonly expected: readonly number[];
}

const pauseMs = 100;
const longestAnswerMs = 5000;
/** For one question, over all its repetitions: the server is never away for as long. */
const longestMs = 120_000;
const finished = ['successful', 'failed', 'dismissed'];

export class Users {
  readonly orders: Order[];
  readonly faults: string[];
  readonly #server: Place;
  readonly #shared: Shared;

  constructor(server: Place, shared: Shared) {
    this.#server = server;
    this.#shared = shared;
    this.orders = shared.orders;
    this.faults = shared.faults;
  }

  /** One user, who has one job after the other until the signal; resolves when the last one has ended. */
  async live(chance: Chance, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const order = chance.happens(0.1) ? this.mask() : this.echo(chance.integer(0, 2));
      await this.execute(order);
      // Who did not get the answer asks again, and has not got another job.
      if (chance.happens(0.2)) await this.execute(order);
      if (chance.happens(0.15)) {
        await sleep(chance.integer(0, 1500));
        await this.dismiss(order);
      } else await this.untilFinished(order);
    }
  }

  echo(pause: number): Order {
    return this.#order('echo', { a: `value ${randomUUID()}`, pause });
  }

  mask(): Order {
    return this.#order('senseiv2-cloudmask', { product: this.#shared.product, stride: 512 });
  }

  /** Repeats the request until it is answered with 201. */
  async execute({ key, processId, inputs, ids }: Order): Promise<void> {
    const subscriber = this.#shared.subscriberOf?.(key);
    const answer = await this.ask({
      method: 'POST',
      path: `/processes/${processId}/execution`,
      headers: {
        'Content-Type': 'application/json',
        Prefer: 'respond-async',
        'Idempotency-Key': key,
      },
      body: JSON.stringify({ inputs, ...(subscriber && { subscriber }) }),
      expected: [201],
    });
    if (answer !== undefined) ids.add(answer.body.jobID ?? '');
  }

  /** 410 is the answer to a repetition: the first request got through, its answer did not. */
  async dismiss(order: Order): Promise<void> {
    const path = `/jobs/${idOf(order)}`;
    const answer = await this.ask({ method: 'DELETE', path, expected: [200, 410] });
    order.isDismissed = answer !== undefined;
  }

  async untilFinished(order: Order): Promise<void> {
    const deadline = performance.now() + 2 * longestMs;
    for (;;) {
      const path = `/jobs/${idOf(order)}`;
      const answer = await this.ask({ method: 'GET', path, expected: [200] });
      if (answer === undefined || finished.includes(answer.body.status ?? '')) return;
      if (performance.now() > deadline) {
        this.faults.push(`Job ${idOf(order)} does not come to an end.`);
        return;
      }
      await sleep(3 * pauseMs);
    }
  }

  /** Asks until there is an answer; nothing, and a fault, where none comes or one that should not. */
  async ask(question: Question): Promise<Answer | undefined> {
    const deadline = performance.now() + longestMs;
    while (performance.now() < deadline) {
      const answer = await this.#once(question);
      if (answer !== undefined && question.expected.includes(answer.status)) return answer;
      if (answer !== undefined && answer.status !== 503) {
        this.faults.push(`${nameOf(question)} was answered with ${answer.status}.`);
        return undefined;
      }
      await sleep(pauseMs);
    }
    this.faults.push(`${nameOf(question)} was not answered.`);
    return undefined;
  }

  /** Nothing where the server is away, or goes away before it has answered. */
  async #once({ method, path, headers, body }: Question): Promise<Answer | undefined> {
    const { root } = this.#server;
    if (root === undefined) return undefined;
    try {
      const answer = await fetch(root + path, {
        method,
        headers: { Accept: 'application/json', ...headers },
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(longestAnswerMs),
      });
      return { status: answer.status, body: (await answer.json()) as Answer['body'] };
    } catch {
      return undefined;
    }
  }

  #order(processId: string, inputs: Order['inputs']): Order {
    const order = {
      key: randomUUID(),
      processId,
      inputs,
      ids: new Set<string>(),
      isDismissed: false,
    };
    this.orders.push(order);
    return order;
  }
}

/** The job of an order that was answered. */
export function idOf({ ids }: Order): string {
  return [...ids][0] ?? '';
}

function nameOf({ method, path }: Question): string {
  return `${method} ${path}`;
}
