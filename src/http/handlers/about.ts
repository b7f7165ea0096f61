/** The server about itself. */
import type { Handler } from '../api.ts';
import { conformanceClasses } from '../conformance.ts';
import { landingPage } from '../documents.ts';
import { sendJson } from '../send.ts';

/** /req/core/landingpage-op */
export const getLandingPage: Handler = (api, _request, response) => {
  sendJson(response, landingPage(api.links));
};

/** /req/core/conformance-success */
export const getConformance: Handler = (_api, _request, response) => {
  sendJson(response, { conformsTo: conformanceClasses });
};

/** The process is alive. Asks nothing. */
export const getHealth: Handler = (_api, _request, response) => {
  sendJson(response, { status: 'ok' });
};

/** The server can do its work. */
export const getReadiness: Handler = async (api, _request, response) => {
  const readiness = await api.readiness();
  response.status(readiness.status === 'ready' ? 200 : 503);
  sendJson(response, readiness);
};
