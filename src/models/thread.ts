/** A worker thread that answers questions in their order. Buffers travel there and back without a copy. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ModelUnusable } from '../errors.ts';

/** What a thread of this kind says: that it is ready, an answer, or why not. */
export type ThreadReply<Answer> =
  | { readonly kind: 'ready'; readonly report?: unknown }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly message: string };

interface Waiting<Answer> {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export class Thread<Question, Answer> {
  /** What the thread reported when it was ready. */
  readonly report: unknown;
  readonly #worker: Worker;
  readonly #waiting: Waiting<Answer>[] = [];
  #failure: Error | undefined;

  private constructor(worker: Worker, report: unknown) {
    this.#worker = worker;
    this.report = report;
    worker.on('message', (reply: ThreadReply<Answer>) => this.#settle(reply));
    worker.on('error', (error) => this.#failAll(error));
    worker.on('exit', (code) => this.#failAll(new Error(`A thread ended with code ${code}.`)));
  }

  /**
   * Starts `<name>.ts` of this folder (`.js` in a build) and waits until it is ready.
   * @throws ModelUnusable with what the thread says when it cannot get ready
   */
  static start<Question, Answer>(
    name: string,
    workerData: unknown,
  ): Promise<Thread<Question, Answer>> {
    const code = new URL(`./${name}${extname(import.meta.filename)}`, import.meta.url);
    const worker = new Worker(code, { workerData });
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        void worker.terminate();
        reject(error);
      };
      worker.once('error', fail);
      worker.once('message', (reply: ThreadReply<Answer>) => {
        worker.off('error', fail);
        if (reply.kind === 'ready') resolve(new Thread(worker, reply.report));
        else fail(new ModelUnusable(reply.kind === 'failed' ? reply.message : 'Not ready.'));
      });
    });
  }

  /** Asks; `transfer` names the buffers that change hands. */
  ask(question: Question, transfer: readonly ArrayBuffer[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(question, transfer);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: ThreadReply<Answer>): void {
    const waiting = this.#waiting.shift();
    if (reply.kind === 'answer') waiting?.resolve(reply.answer);
    else if (reply.kind === 'failed') waiting?.reject(new Error(reply.message));
  }

  #failAll(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}
