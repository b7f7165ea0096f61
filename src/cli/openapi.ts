import { publicRoot, readConfig } from '../config/config.ts';
import { apiDefinition } from '../http/openapi.ts';
import { routes } from '../http/routes.ts';

/** Prints the API definition, for linters and clients. */
export function openapiCommand(): void {
  const config = readConfig();
  const definition = apiDefinition(routes, publicRoot(config, config.port), '0.1.0');
  process.stdout.write(`${JSON.stringify(definition, null, 2)}\n`);
}
