/** The ways to strike at the server and its children. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from './chance.ts';
import { atEvent, type CommitSide, type Moment } from './moment.ts';
import type { Kind } from './strikes.ts';
import type { Order, Users } from './users.ts';
import type { Slot, Victim } from './victim.ts';

/** A server under fire with its users, and the draws of when. */
export interface ServerScene {
  readonly title: string;
  readonly server: Slot;
  readonly users: Users;
  readonly chance: Chance;
}

type ServerKind = Kind<ServerScene>;

/** Longer than it takes to start: every second kill meets a server that is still starting. */
const longestStartMs = 1500;
const longestLifeMs = 2000;

/** Of a server that computes nothing as well. */
export const apiKinds: readonly ServerKind[] = [
  { name: 'kill -9 at any time', kills: 1, strike: killAtAnyTime },
  {
    name: 'kill -9, and again while the next one starts',
    kills: 2,
    strike: async (scene) => {
      const jobIds = await killAtAnyTime(scene);
      const next = scene.server.start();
      await sleep(scene.chance.integer(0, longestStartMs));
      return [...jobIds, ...(await next.kill())];
    },
  },
  {
    name: 'kill -9, and again as the next one listens',
    kills: 2,
    strike: (scene) => killTwice(scene, atEvent('Server:Listening')),
  },
  killAt('kill -9 at Job:Accepted, before its 201', () => atEvent('Job:Accepted'), anyEcho),
  {
    name: 'kill -9 at Job:Dismissed, before its 200',
    kills: 1,
    strike: killAtDismissal,
  },
  killAt('kill -9 before a commit', ({ chance }) => commit(chance, 'before'), anyEcho),
  killAt('kill -9 after a commit', ({ chance }) => commit(chance, 'after'), anyEcho),
  { name: 'SIGTERM', kills: 0, strike: terminate },
];

export const serverKinds: readonly ServerKind[] = [
  ...apiKinds,
  {
    name: 'kill -9, and again as the next one writes',
    kills: 2,
    strike: (scene) => killTwice(scene, commit(scene.chance, 'before')),
  },
  killAt('kill -9 at Attempt:Started', (scene) => event(scene, 'Attempt:Started'), anyEcho),
  killAt('kill -9 at Attempt:Ended', (scene) => event(scene, 'Attempt:Ended'), anyEcho),
  killAt(
    'kill -9 between two files of a result',
    ({ chance }) => ({ at: 'rename', count: chance.integer(1, 5) }),
    ({ users }) => users.mask(),
  ),
  { name: 'SIGTERM, and kill -9 while it stops', kills: 1, strike: killWhileStopping },
  {
    name: 'SIGSTOP, SIGCONT',
    kills: 0,
    strike: async ({ server, chance }) => {
      const life = await server.life();
      await sleep(chance.integer(0, longestLifeMs));
      return life.freeze(chance.integer(200, 1500));
    },
  },
  { name: 'child: kill -9', kills: 1, strike: (scene) => onChild(scene, killChild) },
  { name: 'child: SIGSTOP, SIGCONT', kills: 0, strike: (scene) => onChild(scene, freezeChild) },
  {
    name: 'child: SIGSTOP; server: kill -9',
    kills: 1,
    strike: (scene) => onChild(scene, stopChildKillServer),
  },
];

async function killAtAnyTime({ server, chance }: ServerScene): Promise<readonly string[]> {
  const life = await server.life();
  await sleep(chance.integer(0, longestLifeMs));
  return life.kill();
}

async function killTwice(scene: ServerScene, moment: Moment): Promise<readonly string[]> {
  const jobIds = await killAtAnyTime(scene);
  const next = scene.server.start(moment);
  await next.untilEnded('the moment of a server that starts');
  return [...jobIds, ...next.jobIds];
}

export function commit(chance: Chance, side: CommitSide): Moment {
  return { at: 'commit', side, count: chance.integer(1, 5) };
}

/** Not always the first one: a job that is met each time it is taken up has no chance. */
function event({ chance }: ServerScene, name: string): Moment {
  return atEvent(name, chance.integer(1, 2));
}

export function anyEcho({ users, chance }: ServerScene): Order {
  return users.echo(chance.integer(0, 1));
}

/** A kill at a moment that comes: an order is placed for it. */
export function killAt(
  name: string,
  moment: (scene: ServerScene) => Moment,
  order: (scene: ServerScene) => Order,
): ServerKind {
  return {
    name,
    kills: 1,
    strike: async (scene) => {
      const life = await scene.server.life();
      const dying = life.dieAt(moment(scene));
      // The user of the order goes on asking until there is a server again.
      void scene.users.execute(order(scene));
      return dying;
    },
  };
}

async function killAtDismissal({ server, users }: ServerScene): Promise<readonly string[]> {
  const life = await server.life();
  const order = users.echo(2);
  await users.execute(order);
  const dying = life.dieAt(atEvent('Job:Dismissed'));
  void users.dismiss(order);
  return dying;
}

/** Asks it to stop while a job runs that it cannot wait for. */
async function killWhileStopping({
  server,
  users,
  chance,
}: ServerScene): Promise<readonly string[]> {
  const life = await server.life();
  void users.execute(users.echo(2));
  await life.child();
  life.signal('SIGTERM');
  await sleep(chance.integer(0, 800));
  return life.kill();
}

async function terminate({ server, chance }: ServerScene): Promise<readonly string[]> {
  const life = await server.life();
  await sleep(chance.integer(0, longestLifeMs));
  const met = life.jobIds;
  await life.stop();
  return met;
}

type ChildStrike = (life: Victim, pid: number, chance: Chance) => Promise<boolean>;

/** Meets a child at any time of its life: tries until one was there. */
async function onChild(
  { server, users, chance }: ServerScene,
  strike: ChildStrike,
): Promise<readonly string[]> {
  for (;;) {
    const life = await server.life();
    void users.execute(users.echo(2));
    const child = await life.child();
    await sleep(chance.integer(0, 1000));
    const met = life.jobIds;
    if (child === undefined || !met.includes(child.jobId)) continue;
    if (await strike(life, child.pid, chance)) return [child.jobId];
  }
}

async function killChild(life: Victim, pid: number): Promise<boolean> {
  return life.signalChild(pid, 'SIGKILL');
}

async function freezeChild(life: Victim, pid: number, chance: Chance): Promise<boolean> {
  const isStopped = life.signalChild(pid, 'SIGSTOP');
  await sleep(chance.integer(200, 1500));
  life.signalChild(pid, 'SIGCONT');
  return isStopped;
}

async function stopChildKillServer(life: Victim, pid: number): Promise<boolean> {
  if (!life.signalChild(pid, 'SIGSTOP')) return false;
  await life.kill();
  return true;
}
