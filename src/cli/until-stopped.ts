import { parseArgs } from 'node:util';
import { readConfig, settingsTable, type Config } from '../config/config.ts';
import { createLog, type Log } from '../log.ts';

/** A stop that takes longer than running jobs may is cut off: the children are killed with this process. */
export const longestStopMs = 30_000;

export interface Program {
  /** What it does, for `--help`. */
  readonly summary: string;
  start(config: Config, log: Log): Promise<{ stop(): Promise<void> }>;
}

/**
 * Runs until SIGTERM or SIGINT; a second signal ends it at once. After an error that nobody caught the
 * state of the process is unknown: it says so, stops its children and ends with 1.
 */
export async function runUntilStopped(program: Program, args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(
      `${program.summary} Settings come from the environment:\n\n${settingsTable()}\n\n`,
    );
    return;
  }
  const config = readConfig();
  const log = createLog(config.logLevel);
  let isStarted = false;
  let isStopping = false;
  const stop = (exitCode: number): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => process.exit(1), config.stopSeconds * 1000 + longestStopMs).unref();
    // What has just begun to start is stopped when it has.
    starting
      .then((app) => app.stop())
      .then(
        () => process.exit(exitCode),
        (err: unknown) => {
          log.fatal({ err }, 'Server:NotStopped');
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', () => stop(0)).on('SIGINT', () => stop(0));
  // Whoever started this program has died: it may not go on unseen.
  process.once('disconnect', () => stop(0));
  process.channel?.unref();
  // Rejections without a handler arrive here too, and those of connections that break while it starts.
  process.on('uncaughtException', (err, origin) => {
    log.fatal({ err, origin }, 'Server:Broken');
    if (!isStarted) process.exit(1);
    if (!isStopping) stop(1);
  });
  const starting = program.start(config, log);
  await starting;
  isStarted = true;
}
