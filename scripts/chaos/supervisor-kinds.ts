/** The ways to strike at a supervisor and its child. The other supervisor goes on, or is struck as well. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from './chance.ts';
import { atEvent, type CommitSide, type Moment } from './moment.ts';
import type { Kind } from './strikes.ts';
import type { Slot, Victim } from './victim.ts';

/** A supervisor and the draws of when. */
export interface SupervisorScene {
  readonly title: string;
  readonly supervisor: Slot;
  readonly chance: Chance;
  /** For how long it is stopped: leases have ended then, and somebody has seen it. */
  readonly zombieMs: { readonly least: number; readonly most: number };
}

type SupervisorKind = Kind<SupervisorScene>;

const longestLifeMs = 2500;
const longestChildMs = 500;

/** Of a supervisor whose jobs need make no files. */
export const workerKinds: readonly SupervisorKind[] = [
  {
    name: 'kill -9 at any time',
    kills: 1,
    strike: async ({ supervisor, chance }) => {
      const life = await supervisor.life();
      await sleep(chance.integer(0, longestLifeMs));
      return life.kill();
    },
  },
  killAt('kill -9 at Attempt:Started', (chance) => event(chance, 'Attempt:Started')),
  killAt('kill -9 at Attempt:Ended', (chance) => event(chance, 'Attempt:Ended')),
  killAt('kill -9 before a commit', (chance) => commit(chance, 'before')),
  killAt('kill -9 after a commit', (chance) => commit(chance, 'after')),
  {
    name: 'SIGSTOP for longer than its lease, SIGCONT',
    kills: 0,
    strike: async (scene) => {
      const life = await scene.supervisor.life();
      await life.child();
      await sleep(scene.chance.integer(0, longestChildMs));
      return life.freeze(zombieTime(scene));
    },
  },
  {
    name: 'SIGSTOP for longer than its lease, kill -9 as it wakes up',
    kills: 1,
    strike: async (scene) => {
      const life = await scene.supervisor.life();
      await life.child();
      const met = await life.freeze(zombieTime(scene));
      await sleep(scene.chance.integer(0, 100));
      await life.kill();
      return met;
    },
  },
  {
    name: 'SIGTERM',
    kills: 0,
    strike: async ({ supervisor, chance }) => {
      const life = await supervisor.life();
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

export const supervisorKinds: readonly SupervisorKind[] = [
  ...workerKinds,
  killAt('kill -9 between two files of a result', files),
];

export function commit(chance: Chance, side: CommitSide): Moment {
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

export function killAt(name: string, moment: (chance: Chance) => Moment): SupervisorKind {
  return {
    name,
    kills: 1,
    strike: async ({ supervisor, chance }) => (await supervisor.life()).dieAt(moment(chance)),
  };
}

/** Long enough to be taken for dead. */
export function zombieTime({ chance, zombieMs }: Pick<SupervisorScene, 'chance' | 'zombieMs'>) {
  return chance.integer(zombieMs.least, zombieMs.most);
}

type ChildStrike = (life: Victim, pid: number, scene: SupervisorScene) => Promise<boolean>;

/** Meets a child at any time of its life: tries until one was there. */
async function onChild(scene: SupervisorScene, strike: ChildStrike): Promise<readonly string[]> {
  const { supervisor, chance } = scene;
  for (;;) {
    const life = await supervisor.life();
    const child = await life.child();
    await sleep(chance.integer(0, longestChildMs));
    if (child === undefined || !life.jobIds.includes(child.jobId)) continue;
    if (await strike(life, child.pid, scene)) return [child.jobId];
  }
}

async function killChild(life: Victim, pid: number): Promise<boolean> {
  return life.signalChild(pid, 'SIGKILL');
}

async function freezeChild(life: Victim, pid: number, scene: SupervisorScene): Promise<boolean> {
  const isStopped = life.signalChild(pid, 'SIGSTOP');
  await sleep(zombieTime(scene));
  life.signalChild(pid, 'SIGCONT');
  return isStopped;
}

/** It wakes up when its job has been taken over. */
async function freezeOrphan(life: Victim, pid: number, scene: SupervisorScene): Promise<boolean> {
  const isStopped = life.signalChild(pid, 'SIGSTOP');
  if (!isStopped) return false;
  await life.kill();
  await sleep(zombieTime(scene));
  life.signalChild(pid, 'SIGCONT');
  return true;
}
