/** What a change of state means for others: a line for the user, a message for the subscriber. */
import type { Subscriber } from '../processes/subscriber.ts';
import type { Job, JobStatus } from './job.ts';

/** The line of a job's log about the state that it has just reached. */
export function lineFor(job: Job): string {
  const lines: Readonly<Record<JobStatus, string>> = {
    accepted: 'The job was accepted and waits for a free place to run.',
    running: `Attempt ${job.attempt} began.`,
    successful: 'The job finished; its results are there.',
    failed: `The job failed. ${job.message}`,
    dismissed: 'The job was dismissed.',
  };
  return lines[job.status];
}

/** True for a job that goes on in another attempt: it was running before, and that is no news for others. */
export function isSameState({ status, attempt }: Job): boolean {
  return status === 'running' && attempt > 1;
}

/** Which member of a subscriber hears of a state. Nobody else will tell it that a dismissed job never succeeds. */
const members: Readonly<Partial<Record<JobStatus, keyof Subscriber>>> = {
  running: 'inProgressUri',
  successful: 'successUri',
  failed: 'failedUri',
  dismissed: 'failedUri',
};

/**
 * Where the state that a job has just reached is to be told; undefined where nobody wants to know.
 * /req/callback/job-callback
 */
export function callbackUrl(job: Job): string | undefined {
  const member = members[job.status];
  // Who was told of success is not told of a failure when the results are removed later.
  const hadEnded = job.status === 'dismissed' && job.finished !== job.updated;
  return member === undefined || hadEnded ? undefined : job.request.subscriber?.[member];
}

/** The job as it is kept for a callback: without inputs, which may be large and are nobody's news. */
export function snapshot(job: Job): Job {
  const { subscriber: _subscriber, ...request } = job.request;
  return { ...job, request: { ...request, inputs: {} } };
}
