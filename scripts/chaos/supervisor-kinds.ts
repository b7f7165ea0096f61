/** The ways to strike at a supervisor and its child. The other supervisor goes on, or is struck as well. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from './chance.ts';
import { atEvent, type Moment } from './moment.ts';
import type { Kind } from './strikes.ts';
import type { Supervisor } from './supervisor-slot.ts';
import type { Victim } from './victim.ts';

/** A supervisor and the draws of when. */
export interface SupervisorScene {
  readonly title: string;
  readonly supervisor: Supervisor;
  readonly chance: Chance;
}

type SupervisorKind = Kind<SupervisorScene>;

const longestLifeMs = 2500;
const longestChildMs = 500;
/** Its leases of 1.5 s have ended then, and somebody has seen it. */
const zombieMs = { least: 2200, most: 3500 };

export const supervisorKinds: readonly SupervisorKind[] = [
  {
    name: 'kill -9 at any time',
    kills: 1,
    strike: async ({ supervisor, chance }) => {
      const life = supervisor.life();
      await sleep(chance.integer(0, longestLifeMs));
      return life.kill();
    },
  },
  killAt('kill -9 at Attempt:Started', (chance) => event(chance, 'Attempt:Started')),
  killAt('kill -9 at Attempt:Ended', (chance) => event(chance, 'Attempt:Ended')),
  killAt('kill -9 before a commit', (chance) => commit(chance, 'before')),
  killAt('kill -9 after a commit', (chance) => commit(chance, 'after')),
  killAt('kill -9 between two files of a result', files),
  {
    name: 'SIGSTOP for longer than its lease, SIGCONT',
    kills: 0,
    strike: async ({ supervisor, chance }) => {
      const life = supervisor.life();
      await life.child();
      await sleep(chance.integer(0, longestChildMs));
      return life.freeze(chance.integer(zombieMs.least, zombieMs.most));
    },
  },
  {
    name: 'SIGSTOP for longer than its lease, kill -9 as it wakes up',
    kills: 1,
    strike: async ({ supervisor, chance }) => {
      const life = supervisor.life();
      await life.child();
      const met = await life.freeze(chance.integer(zombieMs.least, zombieMs.most));
      await sleep(chance.integer(0, 100));
      await life.kill();
      return met;
    },
  },
  {
    name: 'SIGTERM',
    kills: 0,
    strike: async ({ supervisor, chance }) => {
      const life = supervisor.life();
      await life.child();
      await sleep(chance.integer(0, longestChildMs));
      const met = life.jobIds;
      await life.stop();
      return met;
    },
  },
  { name: 'child: kill -9', kills: 1, strike: (scene) => onChild(scene, killChild) },
  {
    name: 'child: SIGSTOP for longer than a lease, SIGCONT',
    kills: 0,
    strike: (scene) => onChild(scene, freezeChild),
  },
  {
    name: 'child: SIGSTOP, SIGCONT when its supervisor is killed (-9)',
    kills: 1,
    strike: (scene) => onChild(scene, freezeOrphan),
  },
];

function commit(chance: Chance, side: 'before' | 'after'): Moment {
  return { at: 'commit', side, count: chance.integer(1, 8) };
}

/** Not always the first one: a job that is met each time it is taken up has no chance. */
function event(chance: Chance, name: string): Moment {
  return atEvent(name, chance.integer(1, 3));
}

/** Each job has two. */
function files(chance: Chance): Moment {
  return { at: 'rename', count: chance.integer(1, 6) };
}

function killAt(name: string, moment: (chance: Chance) => Moment): SupervisorKind {
  return {
    name,
    kills: 1,
    strike: ({ supervisor, chance }) => supervisor.life().dieAt(moment(chance)),
  };
}

type ChildStrike = (life: Victim, pid: number, chance: Chance) => Promise<boolean>;

/** Meets a child at any time of its life: tries until one was there. */
async function onChild(
  { supervisor, chance }: SupervisorScene,
  strike: ChildStrike,
): Promise<readonly string[]> {
  for (;;) {
    const life = supervisor.life();
    const child = await life.child();
    await sleep(chance.integer(0, longestChildMs));
    if (child === undefined || !life.jobIds.includes(child.jobId)) continue;
    if (await strike(life, child.pid, chance)) return [child.jobId];
  }
}

async function killChild(life: Victim, pid: number): Promise<boolean> {
  return life.signalChild(pid, 'SIGKILL');
}

async function freezeChild(life: Victim, pid: number, chance: Chance): Promise<boolean> {
  const isStopped = life.signalChild(pid, 'SIGSTOP');
  await sleep(chance.integer(zombieMs.least, zombieMs.most));
  life.signalChild(pid, 'SIGCONT');
  return isStopped;
}

/** It wakes up when its job has been taken over. */
async function freezeOrphan(life: Victim, pid: number, chance: Chance): Promise<boolean> {
  const isStopped = life.signalChild(pid, 'SIGSTOP');
  if (!isStopped) return false;
  await life.kill();
  await sleep(chance.integer(zombieMs.least, zombieMs.most));
  life.signalChild(pid, 'SIGCONT');
  return true;
}
