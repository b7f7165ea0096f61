/** Absolute URLs, all below the configured public root: never from a header of the request. */

export interface Link {
  readonly href: string;
  readonly rel: string;
  readonly type?: string;
  readonly title?: string;
}

/** Relations of the standard. */
export const relations = {
  conformance: 'http://www.opengis.net/def/rel/ogc/1.0/conformance',
  processes: 'http://www.opengis.net/def/rel/ogc/1.0/processes',
  jobList: 'http://www.opengis.net/def/rel/ogc/1.0/job-list',
  execute: 'http://www.opengis.net/def/rel/ogc/1.0/execute',
  results: 'http://www.opengis.net/def/rel/ogc/1.0/results',
  provenance: 'http://www.w3.org/ns/prov#has_provenance',
} as const;

/** /req/oas30/oas-definition-1. Compared as a string by clients: no space, this version. */
export const openApiMediaType = 'application/vnd.oai.openapi+json;version=3.0';

export type Links = ReturnType<typeof createLinks>;

export function createLinks(root: string, signatureOf: (jobId: string) => string) {
  const segment = encodeURIComponent;
  const job = (id: string) => `${root}/jobs/${segment(id)}`;
  const process = (id: string) => `${root}/processes/${segment(id)}`;
  const resultsFolder = (id: string) => `${root}/results/${segment(id)}/${signatureOf(id)}`;
  return {
    root,
    landing: () => `${root}/`,
    conformance: () => `${root}/conformance`,
    api: () => `${root}/api`,
    processes: (query = '') => `${root}/processes${query}`,
    process,
    execution: (id: string) => `${process(id)}/execution`,
    jobs: (query = '') => `${root}/jobs${query}`,
    job,
    results: (id: string) => `${job(id)}/results`,
    inputs: (id: string) => `${job(id)}/inputs`,
    definition: (id: string) => `${job(id)}/definition`,
    provenance: (id: string) => `${job(id)}/prov`,
    logs: (id: string) => `${job(id)}/logs`,
    output: (id: string, outputId: string) => `${job(id)}/results/${segment(outputId)}`,
    /** Where files of a job can be had by everybody who knows the link, as long as results live. */
    resultsFolder,
    resultFile: (id: string, fileName: string) => `${resultsFolder(id)}/${segment(fileName)}`,
  };
}

export function link(href: string, rel: string, title?: string, type = 'application/json'): Link {
  return { href, rel, type, ...(title !== undefined && { title }) };
}
