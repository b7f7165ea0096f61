/** The filters of `GET /jobs`. Every list may come as `a,b` or as a repeated parameter. */
import type { Request } from 'express';
import { InvalidParameter } from '../errors.ts';
import { successors, type JobStatus } from '../jobs/job.ts';
import type { JobFilter } from '../jobs/job-store.ts';
import { valuesOf } from './paging.ts';

/** In the order of the API definition. */
export const filterNames = [
  'type',
  'processID',
  'status',
  'datetime',
  'minDuration',
  'maxDuration',
] as const;

type FilterName = (typeof filterNames)[number];

export const jobStatuses = Object.keys(successors) as JobStatus[];

/** More would be no filter any more. */
export const mostFilterValues = 20;

/** @throws InvalidParameter */
export function readJobFilter(request: Request): JobFilter {
  // /req/job-list/type-response: every job here is a process, so all of them fit.
  readList(request, 'type', (found) => found === 'process', '"process"');
  const processIds = readList(request, 'processID', isText, 'ids of processes');
  const accepted = jobStatuses.join(', ');
  const statuses = readList(request, 'status', isStatus, accepted) as JobStatus[] | undefined;
  const created = readDatetime(request);
  const durationMs = readDurations(request);
  // /req/job-list/processid-response, /req/job-list/status-response
  return {
    ...(processIds && { processIds }),
    ...(statuses && { statuses }),
    ...(created && { created }),
    ...(durationMs && { durationMs }),
  };
}

const isText = (found: string): boolean => found.length <= 200;

const isStatus = (found: string): boolean => Object.hasOwn(successors, found);

/**
 * Distinct values, undefined when the parameter is absent.
 * /req/job-list/type-definition, /req/job-list/processID-definition, /req/job-list/status-definition
 */
function readList(
  request: Request,
  name: FilterName,
  isValue: (found: string) => boolean,
  accepted: string,
): string[] | undefined {
  const found = valuesOf(request, name);
  if (found === undefined) return undefined;
  const all = found.flatMap((one) => one.split(','));
  const wrong = all.find((value) => value === '' || !isValue(value));
  if (wrong !== undefined) throw invalid(name, wrong, `${accepted}, separated by ","`);
  if (all.length > mostFilterValues)
    throw new InvalidParameter(name, `${all.length} values`, `at most ${mostFilterValues}`);
  return [...new Set(all)];
}

function invalid(name: FilterName, found: string, accepted: string): InvalidParameter {
  return new InvalidParameter(name, JSON.stringify(found.slice(0, 80)), accepted);
}

const acceptedTimes =
  'a time of RFC 3339 (2026-01-31T12:00:00Z), or two separated by "/", of which one may be ".." or empty';

/** /req/job-list/datetime-definition, /req/job-list/datetime-response: both ends belong to an interval. */
function readDatetime(request: Request): JobFilter['created'] {
  const found = valuesOf(request, 'datetime');
  if (found === undefined) return undefined;
  const ends = found.join().split('/');
  const [from = '', to = from] = ends;
  const [start, end] = [endOf(from, 'first'), endOf(to, 'last')];
  const isRead = ends.length <= 2 && start !== null && end !== null;
  if (!isRead || !isInterval(start, end)) throw invalid('datetime', found.join(), acceptedTimes);
  return { ...(start !== undefined && { from: start }), ...(end !== undefined && { to: end }) };
}

/** One end at least is given, and no end is before its start. */
function isInterval(start: string | undefined, end: string | undefined): boolean {
  if (start === undefined) return end !== undefined;
  return end === undefined || start <= end;
}

/** Undefined for an end that is open, null for what is no time. */
function endOf(text: string, end: 'first' | 'last'): string | undefined | null {
  return text === '' || text === '..' ? undefined : (instant(text)?.[end] ?? null);
}

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:([0-5]\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

/** First and last millisecond of what a time names: one without a fraction is a whole second. */
function instant(text: string): { readonly first: string; readonly last: string } | undefined {
  const found = rfc3339.exec(text);
  const time = new Date(text.toUpperCase());
  if (found === null || Number.isNaN(time.getTime()) || !isDay(found)) return undefined;
  const lastMs = time.getTime() + (found[6] === undefined ? 999 : 0);
  return { first: time.toISOString(), last: new Date(lastMs).toISOString() };
}

/** `Date` takes 30 February for a day in March. */
function isDay([, year, month, day]: RegExpExecArray): boolean {
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}

/** Seconds. Of several values any may fit. /req/job-list/duration-definition */
function readDurations(request: Request): JobFilter['durationMs'] {
  const read = (name: FilterName): number[] | undefined =>
    readList(request, name, (value) => /^\d{1,9}$/.test(value), 'whole seconds')?.map(
      (seconds) => 1000 * Number(seconds),
    );
  const [least, most] = [read('minDuration'), read('maxDuration')];
  if (least === undefined && most === undefined) return undefined;
  return {
    ...(least && { least: Math.min(...least) }),
    ...(most && { most: Math.max(...most) }),
  };
}
