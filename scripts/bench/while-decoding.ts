/** What something costs while another program decodes imagery on another core, and both share memory and caches. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const program = path.join(import.meta.dirname, 'decode-forever.ts');

/**
 * Runs `work` beside a program that decodes `product` on one core.
 * @throws Error when that program ends before the work
 */
export async function whileDecoding<T>(product: string, work: () => Promise<T>): Promise<T> {
  const decoder = fork(program, [product], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(decoder, 'exit').then(([code]): never => {
    throw new Error(`The program that decodes ${product} ended with ${code}.`);
  });
  try {
    await Promise.race([once(decoder, 'message'), ended]);
    return await Promise.race([work(), ended]);
  } finally {
    ended.catch(() => undefined);
    decoder.kill('SIGKILL');
  }
}
