import type { Handler } from '../api.ts';
import { sendDocument } from '../html/sending.ts';
import { definitionView, type Definition } from '../html/views/definition.ts';
import { openApiMediaType } from '../links.ts';

/**
 * /req/core/api-definition-op, /req/core/api-definition-success. The definition is made from the table of routes, which names this
 * handler: the server hands it over, so that neither imports the other.
 */
export const getApiDefinition: Handler = ({ links }, request, response) => {
  const document = response.app.locals['definition'] as Definition;
  const page = () => definitionView(document, links);
  return sendDocument(links, request, response, { document, mediaType: openApiMediaType, page });
};
