/** The Prefer header, read leniently by RFC 7240: unknown preferences and odd parameters are ignored. */
import type { JobControlOption } from '../processes/description.ts';

/** Preference → value, names in lower case; the first of each name counts. Parameters after ";" are cut off. */
function preferences(header: string | undefined): ReadonlyMap<string, string> {
  const parts = (header ?? '').match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
  const pairs = parts.map((part): [string, string] => {
    const [name = '', value = ''] = (part.split(';')[0] ?? '').split('=');
    return [name.trim().toLowerCase(), value.trim().replaceAll('"', '').toLowerCase()];
  });
  return new Map(pairs.toReversed());
}

/** How much a client wants to be told: links, or values where they are small. */
export type ReturnPreference = 'minimal' | 'representation';

/** What `return=` asks for. */
export function returnPreference(header: string | undefined): ReturnPreference | undefined {
  const found = preferences(header).get('return');
  return found === 'minimal' || found === 'representation' ? found : undefined;
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
