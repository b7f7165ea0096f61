/** The server about itself. */
import type { Handler } from '../api.ts';
import { conformanceClasses } from '../conformance.ts';
import { landingPage } from '../documents.ts';
import { sendDocument } from '../html/sending.ts';
import { conformanceView, healthView, landingView, readinessView } from '../html/views/about.ts';

/** /req/core/landingpage-op */
export const getLandingPage: Handler = (api, request, response) => {
  const { links } = api;
  const document = landingPage(links);
  const page = async () => landingView({ document, readiness: await api.readiness(), links });
  return sendDocument(links, request, response, { document, page });
};

/** /req/core/conformance-op, /req/core/conformance-success */
export const getConformance: Handler = ({ links }, request, response) => {
  const document = { conformsTo: conformanceClasses };
  return sendDocument(links, request, response, {
    document,
    page: () => conformanceView(document.conformsTo),
  });
};

/** The process is alive. Asks nothing. */
export const getHealth: Handler = ({ links }, request, response) => {
  const document = { status: 'ok' };
  return sendDocument(links, request, response, { document, page: () => healthView(document) });
};

/** The server can do its work. */
export const getReadiness: Handler = async (api, request, response) => {
  const document = await api.readiness();
  response.status(document.status === 'ready' ? 200 : 503);
  const page = () => readinessView(document);
  return sendDocument(api.links, request, response, { document, page });
};
