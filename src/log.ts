/** The logger. Events are named `Noun:Verb` and carry fields; secrets and link signatures never do. */
import pino from 'pino';

export type Log = pino.Logger;

/** JSON lines on stdout; on a terminal, lines for people. */
export function createLog(level: string, destination?: pino.DestinationStream): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (destination !== undefined) return pino(options, destination);
  if (!process.stdout.isTTY) return pino(options);
  return pino({ ...options, transport: { target: 'pino-pretty' } });
}
