/** The ways to strike at one server or worker of many: those of one that is alone, and what many of them add. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from './fleet.ts';
import { atEvent } from './moment.ts';
import { anyEcho, apiKinds, commit, killAt, type ServerScene } from './server-kinds.ts';
import type { Kind } from './strikes.ts';
import {
  commit as commitOf,
  killAt as killWorkerAt,
  workerKinds,
  zombieTime,
  type SupervisorScene,
} from './supervisor-kinds.ts';

/** A member under fire; `server` and `supervisor` are other names of it. */
export interface FleetScene extends ServerScene, SupervisorScene {
  readonly member: Member;
}

type FleetKind = Kind<FleetScene>;

const longestLifeMs = 2500;
/** Between two masks that are ordered until one is made here. */
const patienceMs = 2000;

const networkKinds: readonly FleetKind[] = [
  {
    name: 'connections to PostgreSQL cut',
    kills: 0,
    strike: async ({ member, chance }) => {
      const life = await member.life();
      await sleep(chance.integer(0, longestLifeMs));
      member.proxy.cut();
      return life.jobIds;
    },
  },
  {
    name: 'connections to PostgreSQL held up for longer than a lease',
    kills: 0,
    strike: async (scene) => {
      const life = await scene.member.life();
      await sleep(scene.chance.integer(0, longestLifeMs));
      const met = life.jobIds;
      await scene.member.proxy.hold(zombieTime(scene));
      return met;
    },
  },
];

export const fleetServerKinds: readonly FleetKind[] = [
  ...apiKinds,
  killAt(
    'kill -9 between a commit and its answer',
    ({ chance }) => commit(chance, 'sent'),
    anyEcho,
  ),
  killAt(
    'kill -9 at Callback:Tried, before that is noted',
    ({ chance }) => atEvent('Callback:Tried', chance.integer(1, 3)),
    anyEcho,
  ),
  {
    name: 'SIGSTOP, SIGCONT',
    kills: 0,
    strike: async (scene) => {
      const life = await scene.member.life();
      await sleep(scene.chance.integer(0, longestLifeMs));
      return life.freeze(zombieTime(scene));
    },
  },
  ...networkKinds,
];

export const fleetWorkerKinds: readonly FleetKind[] = [
  ...workerKinds,
  killWorkerAt('kill -9 between a commit and its answer', (chance) => commitOf(chance, 'sent')),
  {
    name: 'kill -9 between two files of a result',
    kills: 1,
    strike: async ({ member, users, chance }) => {
      const life = await member.life();
      const dying = life.dieAt({ at: 'rename', count: chance.integer(1, 4) });
      // Any of the workers may take it.
      while (life.isAlive) {
        await users.execute(users.mask());
        await Promise.race([dying, sleep(patienceMs)]);
      }
      return dying;
    },
  },
  ...networkKinds,
];
