/** A worker in virtual time: real claims, renewals and ends; only computing is waiting. It may die or lose its network. */
import type { Lease } from '../../src/jobs/job.ts';
import { leaseTimes } from '../../src/jobs/lease-keeper.ts';
import type { ClaimedJob, LeaseStore } from '../../src/jobs/lease-store.ts';
import type { Chance } from '../chaos/chance.ts';
import type { Event, VirtualTime } from './virtual-time.ts';

/** What each machine may suffer, on average (hours); and for how long (ms). */
export interface Faults {
  readonly lifeHours: number;
  readonly newMachineMs: number;
  readonly connectedHours: number;
  readonly longestCutMs: number;
}

/** Machines that are rented by the hour and taken away without notice, and a network that is cut now and then. */
export const ordinaryFaults: Faults = {
  lifeHours: 6,
  newMachineMs: 300_000,
  connectedHours: 24,
  longestCutMs: 180_000,
};

export interface MachineWorld {
  readonly time: VirtualTime;
  readonly leases: LeaseStore;
  readonly chance: Chance;
  readonly faults: Faults;
  /** How long the job will take here (ms). */
  readonly serviceMs: (jobId: string) => number;
  readonly record: Recorder;
  /** The machine has nothing to do. */
  readonly idle: (machine: Machine) => void;
}

/** Hears what happens. */
export interface Recorder {
  claimed(job: ClaimedJob): void;
  /** An end was written, or refused because the job was taken over meanwhile. */
  ended(jobId: string, isPublished: boolean): void;
  /** A slot computed for as long, and for nothing where the attempt was lost. */
  computed(durationMs: number, isOfUse: boolean): void;
  died(wasBusy: boolean): void;
  /** A renewal or an end was refused: the machine stops what it computes. */
  tookLeave(): void;
}

interface Running {
  readonly lease: Lease;
  readonly sinceMs: number;
  heartbeat: Event;
  end: Event;
}

const hourMs = 3_600_000;

export class Machine {
  readonly #name: string;
  readonly #world: MachineWorld;
  #isAlive = true;
  #cutUntilMs = 0;
  #running: Running | undefined;
  #claims = 0;

  constructor(name: string, world: MachineWorld) {
    this.#name = name;
    this.#world = world;
    this.#planDeath();
    this.#planCut();
  }

  /** Takes a job if there is one. False when there was none. */
  async claim(): Promise<boolean> {
    const { leases, time, record, serviceMs } = this.#world;
    if (!this.#isAlive || this.#running !== undefined || this.#isCut) return false;
    const token = `${this.#name} ${(this.#claims += 1)}`;
    const { leaseMs } = leaseTimes;
    const job = await leases.claim({ token, worker: this.#name, leaseMs });
    if (job === undefined) return false;
    record.claimed(job);
    this.#running = {
      lease: { jobId: job.id, attempt: job.attempt, token },
      sinceMs: time.nowMs,
      heartbeat: this.#planHeartbeat(),
      end: time.after(serviceMs(job.id), () => this.#end()),
    };
    return true;
  }

  get isFree(): boolean {
    return this.#isAlive && this.#running === undefined;
  }

  get #isCut(): boolean {
    return this.#world.time.nowMs < this.#cutUntilMs;
  }

  #planHeartbeat(): Event {
    return this.#world.time.after(leaseTimes.heartbeatMs, async () => {
      const running = this.#running;
      if (running === undefined) return;
      running.heartbeat = this.#planHeartbeat();
      if (this.#isCut) return;
      if (await this.#world.leases.renew(running.lease, leaseTimes.leaseMs)) return;
      this.#world.record.tookLeave();
      this.#stop(false);
      this.#world.idle(this);
    });
  }

  async #end(): Promise<void> {
    const { time, leases, record, idle } = this.#world;
    const running = this.#running;
    if (running === undefined) return;
    if (this.#isCut) {
      running.end = time.after(this.#cutUntilMs - time.nowMs, () => this.#end());
      return;
    }
    const isPublished = await leases.finish(running.lease, { status: 'successful', results: {} });
    record.ended(running.lease.jobId, isPublished);
    if (!isPublished) record.tookLeave();
    this.#stop(isPublished);
    idle(this);
  }

  #stop(isOfUse: boolean): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.heartbeat.isCancelled = true;
    running.end.isCancelled = true;
    this.#world.record.computed(this.#world.time.nowMs - running.sinceMs, isOfUse);
  }

  #planDeath(): void {
    const { time, chance, faults, record, idle } = this.#world;
    time.after(chance.wait(faults.lifeHours * hourMs), async () => {
      record.died(this.#running !== undefined);
      this.#stop(false);
      this.#isAlive = false;
      time.after(faults.newMachineMs, async () => {
        this.#isAlive = true;
        this.#planDeath();
        idle(this);
      });
    });
  }

  #planCut(): void {
    const { time, chance, faults, idle } = this.#world;
    time.after(chance.wait(faults.connectedHours * hourMs), async () => {
      const cutMs = chance.integer(1, faults.longestCutMs);
      this.#cutUntilMs = time.nowMs + cutMs;
      time.after(cutMs, async () => {
        this.#planCut();
        if (this.isFree) idle(this);
      });
    });
  }
}
