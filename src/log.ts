/**
 * The logger. Events are named `Noun:Verb` and carry fields: `worker` is this process, `jobId` (with `attempt`) the job that a
 * line concerns, `requestId` the request. Secrets and link signatures are in none.
 */
import pino from 'pino';
import { LogOutput } from './log-output.ts';
import { workerName } from './worker-name.ts';

export type Log = pino.Logger;

/** JSON lines on stdout; on a terminal, lines for people. */
export function createLog(level: string, destination?: pino.DestinationStream): Log {
  const base = { worker: workerName };
  const options = { level, base, timestamp: pino.stdTimeFunctions.isoTime };
  if (destination !== undefined) return pino(options, destination);
  if (process.stdout.isTTY)
    return pino({
      ...options,
      transport: { target: 'pino-pretty', options: { ignore: 'worker' } },
    });
  return pino(options, standardOutput());
}

let output: LogOutput | undefined;

/** Pino's own output waits for ever, at the end of the process, for a reader that is gone. */
function standardOutput(): LogOutput {
  if (output !== undefined) return output;
  const opened = new LogOutput(process.stdout.fd);
  process.once('exit', () => opened.finish());
  output = opened;
  return opened;
}
