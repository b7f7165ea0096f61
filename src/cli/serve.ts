import { startApp } from '../app.ts';
import { runUntilStopped } from './until-stopped.ts';

export function serveCommand(args: readonly string[]): Promise<void> {
  return runUntilStopped({ summary: 'Starts the server with its worker.', start: startApp }, args);
}
