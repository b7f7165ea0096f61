import { describe, expect, it } from 'vitest';
import { inParallel } from '../../../src/sources/parallel.ts';

const never = new AbortController().signal;

interface Ends {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Tasks that end when they are told to. */
class Work {
  readonly running = new Map<number, Ends>();
  most = 0;

  readonly run = async (task: number, signal: AbortSignal): Promise<void> => {
    const ended = new Promise<void>((resolve, reject) => {
      this.running.set(task, { resolve, reject });
      signal.addEventListener('abort', () => reject(new Error(`${task} was stopped`)));
    });
    this.most = Math.max(this.most, this.running.size);
    await ended.finally(() => this.running.delete(task));
  };
}

/** What the whole ends with. */
const endOf = (all: Promise<void>): Promise<string> =>
  all.then(
    () => 'done',
    (error: Error) => error.message,
  );

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('inParallel', () => {
  it('runs so many at once, and the next as soon as one has ended', async () => {
    const work = new Work();
    const end = endOf(inParallel([1, 2, 3, 4, 5], { atOnce: 2, signal: never }, work.run));
    expect([...work.running.keys()]).toEqual([1, 2]);
    work.running.get(2)?.resolve();
    await turn();
    expect([...work.running.keys()]).toEqual([1, 3]);
    while (work.running.size > 0) {
      for (const { resolve } of work.running.values()) resolve();
      await turn();
    }
    expect([await end, work.most]).toEqual(['done', 2]);
  });

  it('stops the others at the first fault, begins no more, and throws that one', async () => {
    const work = new Work();
    const end = endOf(inParallel([1, 2, 3], { atOnce: 2, signal: never }, work.run));
    work.running.get(2)?.reject(new Error('it is broken'));
    expect(await end).toBe('it is broken');
    expect([work.running.size, work.most]).toEqual([0, 2]);
  });

  it('ends with its signal', async () => {
    const work = new Work();
    const stop = new AbortController();
    const end = endOf(inParallel([1, 2, 3], { atOnce: 2, signal: stop.signal }, work.run));
    stop.abort(new Error('no longer wanted'));
    expect(await end).toBe('no longer wanted');
    expect(work.running.size).toBe(0);
  });
});
