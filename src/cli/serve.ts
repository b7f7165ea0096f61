import { parseArgs } from 'node:util';
import { startApp } from '../app.ts';
import { readConfig, settingsTable } from '../config/config.ts';
import { createLog } from '../log.ts';

const help = `Starts the server with its worker. Settings come from the environment:

${settingsTable()}
`;

/** A stop that takes longer than running jobs may is cut off: the children are killed with this process. */
export const longestStopMs = 30_000;

/**
 * Runs until SIGTERM or SIGINT; a second signal ends it at once. After an error that nobody caught the
 * state of the process is unknown: it says so, stops its children and ends with 1.
 */
export async function serveCommand(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const config = readConfig();
  const log = createLog(config.logLevel);
  const app = await startApp(config, log);
  let isStopping = false;
  const stop = (exitCode: number): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => process.exit(1), config.stopSeconds * 1000 + longestStopMs).unref();
    app.stop().then(
      () => process.exit(exitCode),
      (err: unknown) => {
        log.fatal({ err }, 'Server:NotStopped');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop(0)).on('SIGINT', () => stop(0));
  // Rejections without a handler arrive here too.
  process.on('uncaughtException', (err, origin) => {
    log.fatal({ err, origin }, 'Server:Broken');
    if (!isStopping) stop(1);
  });
}
