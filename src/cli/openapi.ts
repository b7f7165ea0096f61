import { parseArgs } from 'node:util';
import { createAccess } from '../admission.ts';
import { publicRoot, readConfig } from '../config/config.ts';
import { apiDefinition } from '../http/openapi.ts';
import { routes } from '../http/routes.ts';
import { createLog } from '../log.ts';
import { version } from '../version.ts';

/** Prints the API definition, for linters and clients. */
export function openapiCommand(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(
      'Prints the definition of the API (OpenAPI 3.0, JSON). Takes no options.\n',
    );
    return;
  }
  const config = readConfig();
  const root = publicRoot(config, config.port);
  const { schemes } = createAccess(config, createLog('silent'), () => new Date()).access
    .authenticator;
  const definition = apiDefinition(routes, { root, version, schemes });
  process.stdout.write(`${JSON.stringify(definition, null, 2)}\n`);
}
