import { describe, expect, it } from 'vitest';
import { executionMode } from '../../../src/http/prefer.ts';

const both = ['sync-execute', 'async-execute', 'dismiss'] as const;
const onlyAsync = ['async-execute', 'dismiss'] as const;
const onlySync = ['sync-execute'] as const;
const applied = { mode: 'async', applied: 'respond-async' };

describe('executionMode', () => {
  it.each([
    [both, undefined, { mode: 'sync' }],
    [onlyAsync, undefined, { mode: 'async' }],
    [onlySync, 'respond-async', { mode: 'sync' }],
    [both, 'respond-async', applied],
    [both, 'Respond-Async', applied],
    [both, 'respond-async, wait=10, return=minimal', applied],
    [both, 'return=minimal,respond-async', applied],
    [both, 'respond-async;return=representation', applied],
    [both, 'respond-async; profile=https://www.opengis.net/def/profile/OGC/0/ogc-results', applied],
    [both, 'respond-sync', { mode: 'sync' }],
    [both, 'handling="strict, respond-async"', { mode: 'sync' }],
    [both, 'x="\\", respond-async, \\""', { mode: 'sync' }],
    [onlyAsync, 'respond-sync', { mode: 'async' }],
    [both, '', { mode: 'sync' }],
    [both, ',,;=', { mode: 'sync' }],
  ])('%j with %j', (offered, header, mode) => {
    expect(executionMode(offered, header)).toEqual(mode);
  });
});
