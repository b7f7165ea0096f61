import type { Handler } from '../api.ts';
import { openApiMediaType } from '../links.ts';
import { sendJson } from '../send.ts';

/**
 * /req/core/api-definition-success. The definition is made from the table of routes, which names this
 * handler: the server hands it over, so that neither imports the other.
 */
export const getApiDefinition: Handler = (_api, _request, response) => {
  sendJson(response, response.app.locals['definition'], openApiMediaType);
};
