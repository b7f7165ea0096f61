/** The Prefer header, read leniently by RFC 7240: unknown preferences and odd parameters are ignored. */
import type { JobControlOption } from '../processes/description.ts';

/** Names of the preferences, lower case. Parameters after ";" and values are cut off. */
function preferences(header: string | undefined): ReadonlySet<string> {
  const withoutQuoted = (header ?? '').replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const names = withoutQuoted
    .split(',')
    .map((part) => part.split(/[;=]/)[0]?.trim().toLowerCase() ?? '');
  return new Set(names.filter((name) => name !== ''));
}

export interface ExecutionMode {
  readonly mode: 'sync' | 'async';
  /** Value of Preference-Applied: only what was asked for and honoured. */
  readonly applied?: 'respond-async';
}

/**
 * /req/core/process-execute-default-execution-mode, /req/core/process-execute-auto-execution-mode:
 * without a preference sync where it is offered; with `respond-async` async where it is offered.
 */
export function executionMode(
  offered: readonly JobControlOption[],
  header: string | undefined,
): ExecutionMode {
  const isAsked = preferences(header).has('respond-async');
  if (!offered.includes('async-execute')) return { mode: 'sync' };
  if (isAsked) return { mode: 'async', applied: 'respond-async' };
  return { mode: offered.includes('sync-execute') ? 'sync' : 'async' };
}
