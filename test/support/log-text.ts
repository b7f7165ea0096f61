/** A log that tests can read. */
import { Writable } from 'node:stream';
import { createLog, type Log } from '../../src/log.ts';

export interface LogText {
  readonly log: Log;
  /** All lines so far. */
  text(): string;
}

export function logText(level = 'info'): LogText {
  let text = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { log: createLog(level, sink), text: () => text };
}
