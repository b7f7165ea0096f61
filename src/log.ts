/** The logger. Events are named `Noun:Verb` and carry fields; secrets and link signatures never do. */
import pino from 'pino';
import { LogOutput } from './log-output.ts';

export type Log = pino.Logger;

/** JSON lines on stdout; on a terminal, lines for people. */
export function createLog(level: string, destination?: pino.DestinationStream): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (destination !== undefined) return pino(options, destination);
  if (process.stdout.isTTY) return pino({ ...options, transport: { target: 'pino-pretty' } });
  return pino(options, standardOutput());
}

/** Pino's own output waits for ever, at the end of the process, for a reader that is gone. */
function standardOutput(): LogOutput {
  const output = new LogOutput(process.stdout.fd);
  process.once('exit', () => output.finish());
  return output;
}
