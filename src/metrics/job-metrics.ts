/** Figures about jobs, made of what this process sees of them. Labels are words of the code: no ids, no user data. */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { FailureKind } from '../jobs/child-protocol.ts';
import type { AttemptResult, CallbackOutcome, JobObserver, Stage } from '../jobs/job-observer.ts';
import type { Results } from '../jobs/job.ts';
import type { AfterLoss, ClaimedJob } from '../jobs/lease-store.ts';

/** Seconds: from an echo to a tile with the smallest stride. */
const durationBuckets = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600];

export class JobMetrics implements JobObserver {
  readonly #now: () => number;
  readonly #accepted: Counter<'process'>;
  readonly #ended: Counter<'status' | 'cause'>;
  readonly #attempts: Counter<'outcome'>;
  readonly #lost: Counter<'cause'>;
  readonly #leases: Counter<'seen_by'>;
  readonly #callbacks: Counter<'outcome'>;
  readonly #brought: Counter;
  readonly #published: Counter<'place'>;
  readonly #waits: Histogram<'process'>;
  readonly #durations: Histogram<'process' | 'status'>;
  readonly #stages: Histogram<'stage' | 'outcome'>;

  /** `now` is the clock that the times of jobs come from (ms since 1970). */
  constructor(registry: Registry, now: () => number) {
    this.#now = now;
    const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
      new Counter({ name: `cloudmask_${name}_total`, help, labelNames, registers: [registry] });
    const histogram = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
      new Histogram({
        name: `cloudmask_${name}_seconds`,
        help,
        labelNames,
        buckets: durationBuckets,
        registers: [registry],
      });
    this.#accepted = counter('jobs_accepted', 'Jobs that this process accepted.', ['process']);
    this.#ended = counter(
      'jobs_ended',
      'Jobs that this process brought to their end; cause: why they failed, else empty.',
      ['status', 'cause'],
    );
    this.#attempts = counter(
      'attempts_ended',
      'Attempts of this process: successful, failed (final), lost (tried again if any are left), handed-back.',
      ['outcome'],
    );
    this.#lost = counter('attempts_lost', 'Attempts that were lost, by cause.', ['cause']);
    this.#leases = counter(
      'leases_lost',
      'Leases that ended early. watch: this process found a worker dead; holder: a worker here was told (job dismissed or taken over).',
      ['seen_by'],
    );
    this.#callbacks = counter('callbacks', 'Tries to deliver a callback.', ['outcome']);
    this.#brought = counter('bytes_brought', 'Bytes brought from elsewhere for jobs.');
    this.#published = counter(
      'result_bytes',
      "Bytes of published result files. store: the server's; bucket: delivered to users' buckets.",
      ['place'],
    );
    this.#waits = histogram('job_wait', 'From acceptance to the first attempt.', ['process']);
    this.#durations = histogram('job_duration', 'From the first attempt to the end of the job.', [
      'process',
      'status',
    ]);
    this.#stages = histogram('stage_duration', 'Stages of attempts, each a child process.', [
      'stage',
      'outcome',
    ]);
    this.#begin();
  }

  /** What has not happened yet is 0, not absent: the first time would not be seen by `rate` otherwise. */
  #begin(): void {
    for (const status of ['successful', 'dismissed']) this.#ended.inc({ status, cause: '' }, 0);
    for (const outcome of ['successful', 'failed', 'lost', 'handed-back'])
      this.#attempts.inc({ outcome }, 0);
    for (const cause of lossCauses) this.#lost.inc({ cause }, 0);
    for (const seenBy of ['watch', 'holder']) this.#leases.inc({ seen_by: seenBy }, 0);
    for (const outcome of ['delivered', 'postponed', 'given-up'])
      this.#callbacks.inc({ outcome }, 0);
    for (const place of ['store', 'bucket']) this.#published.inc({ place }, 0);
  }

  accepted(process: string): void {
    this.#accepted.inc({ process });
  }

  dismissed(): void {
    this.#ended.inc({ status: 'dismissed', cause: '' });
  }

  claimed({ processId: process, created, attempt }: ClaimedJob): void {
    if (attempt === 1) this.#waits.observe({ process }, this.#secondsSince(created));
  }

  stageEnded(stage: Stage, outcome: string, durationMs: number): void {
    this.#stages.observe({ stage, outcome }, durationMs / 1000);
  }

  brought(bytes: number): void {
    this.#brought.inc(bytes);
  }

  attemptEnded(job: ClaimedJob, result: AttemptResult): void {
    if (result.kind === 'handed-back') {
      this.#attempts.inc({ outcome: 'handed-back' });
      return;
    }
    if (result.kind === 'lost') {
      this.#attempts.inc({ outcome: 'lost' });
      this.#lose(result.cause, result.after, job);
      return;
    }
    const { outcome } = result;
    this.#attempts.inc({ outcome: outcome.status });
    if (outcome.status === 'successful') this.#publish(outcome.results);
    this.#end(outcome.status, outcome.status === 'failed' ? outcome.failure.kind : '', job);
  }

  leaseExpired(after: AfterLoss): void {
    this.#leases.inc({ seen_by: 'watch' });
    this.#lose('interrupted', after);
  }

  leaseRefused(): void {
    this.#leases.inc({ seen_by: 'holder' });
  }

  callbackTried(outcome: CallbackOutcome): void {
    this.#callbacks.inc({ outcome });
  }

  #lose(cause: FailureKind, after: AfterLoss, job?: ClaimedJob): void {
    this.#lost.inc({ cause });
    if (after.kind === 'fail') this.#end('failed', cause, job);
  }

  #end(status: 'successful' | 'failed', cause: FailureKind | '', job?: ClaimedJob): void {
    this.#ended.inc({ status, cause });
    if (job?.started === undefined) return;
    this.#durations.observe({ process: job.processId, status }, this.#secondsSince(job.started));
  }

  #publish(results: Results): void {
    for (const output of Object.values(results)) {
      if (output.kind === 'value') continue;
      const place = output.kind === 'file' ? 'store' : 'bucket';
      this.#published.inc({ place }, output.size);
    }
  }

  /** A clock that was set back must not make a negative duration. */
  #secondsSince(time: string): number {
    return Math.max(0, (this.#now() - Date.parse(time)) / 1000);
  }
}

const lossCauses: readonly FailureKind[] = [
  'crashed',
  'interrupted',
  'internal',
  'delivery-failed',
  'no-room',
  'out-of-memory',
];
