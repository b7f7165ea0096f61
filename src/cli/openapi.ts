import { parseArgs } from 'node:util';
import { publicRoot, readConfig } from '../config/config.ts';
import { apiDefinition } from '../http/openapi.ts';
import { routes } from '../http/routes.ts';
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
  const definition = apiDefinition(routes, publicRoot(config, config.port), version);
  process.stdout.write(`${JSON.stringify(definition, null, 2)}\n`);
}
