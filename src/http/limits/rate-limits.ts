/**
 * How often somebody may ask: counted by owner, of the anonymous by address. Each server process counts for itself, in
 * memory. RateLimit headers: draft-ietf-httpapi-ratelimit-headers-08
 */
import type { Request, RequestHandler, Response } from 'express';
import { rateLimit, type RateLimitInfo } from 'express-rate-limit';
import { TooManyRequests } from '../../errors.ts';
import { anonymous } from '../../jobs/job.ts';
import type { Access } from '../access.ts';
import { knownCaller } from '../caller.ts';
import { addressOf, isFromHere } from './address.ts';
import { minuteMs, secondsUntil } from './minute.ts';

interface Limit {
  /** Name of the policy in the headers. */
  readonly name: string;
  /** What there are too many of. */
  readonly what: string;
  /** 0: as many as they like. */
  readonly mostPerMinute: MostPerMinute;
}

type MostPerMinute = (request: Request, response: Response) => number;

/** Where the operator has set no limits. Programs on this machine are the operator's own: they are not counted then. */
const usual = { requests: 3000, executions: 600 };

export interface RateLimits {
  /** For every request that counts, after `requireCaller`. */
  readonly requests: RequestHandler;
  /** For executions besides. */
  readonly executions: RequestHandler;
}

export function rateLimits({ requestsPerMinute, executionsPerMinute }: Access): RateLimits {
  return {
    requests: limiter({
      name: 'requests',
      what: 'requests',
      mostPerMinute: (request, response) =>
        knownCaller(response)?.requestsPerMinute ??
        requestsPerMinute ??
        unset(request, usual.requests),
    }),
    executions: limiter({
      name: 'executions',
      what: 'executions',
      mostPerMinute: (request) => executionsPerMinute ?? unset(request, usual.executions),
    }),
  };
}

function limiter({ name, what, mostPerMinute }: Limit): RequestHandler {
  return rateLimit({
    windowMs: minuteMs,
    limit: mostPerMinute,
    skip: (request, response) => mostPerMinute(request, response) === 0,
    keyGenerator: (request, response) => whoAsks(request, response),
    identifier: name,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // What it would warn of on the console is settled here: whose word about addresses counts is a setting.
    validate: false,
    handler: (request, response, next) => {
      const { rateLimit: info } = request as Request & { readonly rateLimit: RateLimitInfo };
      next(
        new TooManyRequests(what, mostPerMinute(request, response), secondsUntil(info.resetTime)),
      );
    },
  });
}

function unset(request: Request, most: number): number {
  return isFromHere(request) ? 0 : most;
}

/** A public document is asked for by an address, also by those who have a name. */
function whoAsks(request: Request, response: Response): string {
  const owner = knownCaller(response)?.owner ?? anonymous;
  return owner === anonymous ? `address ${addressOf(request)}` : `owner ${owner}`;
}
