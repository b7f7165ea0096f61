import { parseArgs } from 'node:util';
import { startApp } from '../app.ts';
import { readConfig, settingsTable } from '../config/config.ts';
import { createLog } from '../log.ts';

const help = `Starts the server with its worker. Settings come from the environment:

${settingsTable()}
`;

/** Runs until SIGTERM or SIGINT; a second signal ends it at once. */
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
  const stop = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    app.stop().then(
      () => process.exit(0),
      (err: unknown) => {
        log.fatal({ err }, 'Server:NotStopped');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}
