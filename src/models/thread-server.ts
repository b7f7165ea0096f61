/** The inside of a worker thread that answers questions in their order. */
import { parentPort } from 'node:worker_threads';
import type { ThreadReply } from './thread.ts';

/** Answers a question and names the buffers that go back with the answer. */
export type Answering<Question, Answer> = (
  question: Question,
) => Promise<{ readonly answer: Answer; readonly transfer: readonly ArrayBuffer[] }>;

/** Gets ready, says so (or why not), then answers until the thread is ended. */
export async function serveThread<Question, Answer>(
  prepare: () => Promise<{ answering: Answering<Question, Answer>; report?: unknown }>,
): Promise<void> {
  const port = parentPort;
  if (port == null) throw new Error('This runs as a worker thread only.');
  const send = (reply: ThreadReply<Answer>, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(reply, transfer);
  try {
    const { answering, report } = await prepare();
    let last = Promise.resolve();
    port.on('message', (question: Question) => {
      last = last.then(() => answerOne(question, answering, send));
    });
    send({ kind: 'ready', report });
  } catch (error) {
    send({ kind: 'failed', message: messageOf(error) });
  }
}

async function answerOne<Question, Answer>(
  question: Question,
  answering: Answering<Question, Answer>,
  send: (reply: ThreadReply<Answer>, transfer?: readonly ArrayBuffer[]) => void,
): Promise<void> {
  try {
    const { answer, transfer } = await answering(question);
    send({ kind: 'answer', answer }, transfer);
  } catch (error) {
    send({ kind: 'failed', message: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
