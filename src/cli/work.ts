import { startWorkApp } from '../work-app.ts';
import { runUntilStopped } from './until-stopped.ts';

export function workCommand(args: readonly string[]): Promise<void> {
  const summary = 'Starts a worker without a server, for the jobs of DATABASE_URL.';
  return runUntilStopped({ summary, start: startWorkApp }, args);
}
