/** Requirements of OGC API - Processes, Part 1, 1.0 (18-062r2), by conformance class. */

const classes: Readonly<Record<string, string>> = {
  core: `landingpage-op landingpage-success api-definition-op api-definition-success conformance-op conformance-success
    http test-process process-list process-list-success pl-limit-definition pl-limit-response pl-links process
    process-success process-exception/no-such-process process-execute-op process-execute-request
    process-execute-inputs process-execute-input-array process-execute-input-inline-bbox
    process-execute-input-inline-binary process-execute-input-inline-object process-execute-input-mixed-type
    process-execute-input-validation process-execute-default-outputs process-execute-auto-execution-mode
    process-execute-default-execution-mode process-execute-success-async process-execute-sync-document
    process-execute-sync-raw-value-one process-execute-sync-raw-value-multi process-execute-sync-raw-ref
    process-execute-sync-raw-mixed-multi job job-success job-exception-no-such-job job-results
    job-results-success-sync job-results-async-document job-results-async-raw-value-one
    job-results-async-raw-value-multi job-results-async-raw-ref job-results-async-raw-mixed-multi
    job-results-exception/no-such-job job-results-exception/results-not-ready job-results-failed`,
  'ogc-process-description':
    'json-encoding inputs-def input-def input-mixed-type outputs-def output-def output-mixed-type',
  json: 'definition',
  html: 'definition content',
  oas30: 'oas-definition-1 oas-definition-2 oas-impl completeness exceptions-codes security',
  'job-list': `job-list-op job-list-success links limit-definition limit-response type-definition type-response
    processID-definition processID-mandatory processid-response status-definition status-response
    datetime-definition datetime-response duration-definition`,
  callback: 'job-callback',
  dismiss: 'job-dismiss-op job-dismiss-success',
};

export interface Requirement {
  /** Last segment of the URI of the conformance class. */
  readonly className: string;
  /** `/req/core/http` and so on. */
  readonly id: string;
}

export const requirements: readonly Requirement[] = Object.entries(classes).flatMap(
  ([className, labels]) =>
    labels.split(/\s+/).map((label) => ({ className, id: `/req/${className}/${label}` })),
);
