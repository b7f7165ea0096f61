/** The run on PostgreSQL: two servers and four workers as processes of their own, users who ask either server, and no mercy. */
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectPostgres } from '../../src/database/connect-postgres.ts';
import { PostgresServer } from '../../test/support/postgres-server.ts';
import { syntheticProduct } from '../demo/product.ts';
import { compareAnswers, expectedOf, undisturbedMask } from './answers.ts';
import { Callbacks } from './callbacks.ts';
import { Chance } from './chance.ts';
import { databaseKinds } from './database-kinds.ts';
import { fleetServerKinds, fleetWorkerKinds } from './fleet-kinds.ts';
import { anyOf, Member } from './fleet.ts';
import type { PartOptions } from './server-part.ts';
import { strikeAll, type Strike } from './strikes.ts';
import { Users, type Shared } from './users.ts';
import { read, untilTidy, verify, type Findings, type Places } from './verify.ts';

const usersAtOnce = 8;
const sceneSize = 240;
/** One server computes as well, the other leaves that to the workers. */
const servers = [0, 1];
const workers = [1, 1, 1, 1];
/** Leases of 3 s have ended then, and somebody has seen it. */
const zombieMs = { least: 3800, most: 5500 };
/** Of the kills. Those of PostgreSQL meet everybody. */
const shares = { server: 0.155, worker: 0.16, database: 0.07 };
/** Others, between two of PostgreSQL. */
const strikesBetween = 5;
/** After the last strike messages are tried again for as long. */
const longestOutboxMs = 60_000;

interface Fleet {
  readonly postgres: PostgresServer;
  readonly callbacks: Callbacks;
  readonly members: Member[];
  readonly shared: Shared;
  readonly places: Places & { readonly databaseUrl: string };
}

/** Strikes, lets everything come to its end, and verifies what is there then. */
export async function strikeFleet(options: PartOptions): Promise<Findings> {
  const postgres = await PostgresServer.start();
  const killPostgres = (): void => void postgres.halt('killed');
  process.once('exit', killPostgres);
  const callbacks = await Callbacks.open(new Chance(options.seed + 500));
  const members: Member[] = [];
  try {
    const fleet = await openFleet(options, { postgres, callbacks, members });
    return await strike(fleet, options);
  } finally {
    for (const { proxy } of members) proxy.close();
    await callbacks.close();
    await postgres.stop();
    process.off('exit', killPostgres);
  }
}

async function openFleet(
  { folder, temporaryFolder }: PartOptions,
  parts: Pick<Fleet, 'postgres' | 'callbacks' | 'members'>,
): Promise<Fleet> {
  const { postgres, callbacks, members } = parts;
  const product = await syntheticProduct(join(folder, 'products'), () => undefined, {
    size: sceneSize,
  });
  const dataDirectory = join(folder, 'data');
  const databaseUrl = await postgres.createDatabase();
  const options = {
    databaseUrl,
    settings: {
      DATA_DIR: dataDirectory,
      PRODUCT_ROOTS: join(folder, 'products'),
      SECRET_KEY: 'the same for all of the processes',
      CALLBACK_SECRET: callbacks.secret,
      OUTBOUND_TRUSTED_ORIGINS: callbacks.origin,
      STOP_SECONDS: '1',
    },
    temporaryFolder,
    logFile: join(folder, 'fleet.log'),
  };
  for (const maxRunning of servers) members.push(await Member.open('server', maxRunning, options));
  for (const maxRunning of workers) members.push(await Member.open('worker', maxRunning, options));
  const subscriberOf = (key: string) => callbacks.subscriberOf(key);
  return {
    ...parts,
    shared: { product, orders: [], faults: [], subscriberOf },
    places: { dataDirectory, temporaryFolder, databaseUrl },
  };
}

async function strike(fleet: Fleet, options: PartOptions): Promise<Findings> {
  const { members, shared, places } = fleet;
  const api = members.filter(({ title }) => title === 'server');
  const users = new Users(anyOf(api), shared);
  await Promise.all(members.map((member) => member.life()));
  const maskSha256 = await undisturbedMask(users, places.dataDirectory);

  const over = new AbortController();
  const living = Array.from({ length: usersAtOnce }, (_, user) =>
    users.live(new Chance(options.seed + 1 + user), over.signal),
  );
  await strikeEverybody(fleet, options, api);
  over.abort();
  await Promise.all(living);
  for (const order of users.orders) await users.untilFinished(order);
  await compareAnswers(users);
  await untilTold(places.databaseUrl);
  for (const member of members) await (await member.life()).stop();
  await clearUp(fleet);
  const expected = users.orders.map((order) => expectedOf(order, maskSha256));
  const findings = await verify(places, expected);
  const { rows } = await read(places);
  const violations = [
    ...members.flatMap(({ faults }) => faults),
    ...users.faults,
    ...fleet.callbacks.faults,
    ...fleet.callbacks.missing(users.orders, rows),
    ...findings.violations,
  ];
  return { ...findings, violations };
}

/** All of them at once. Those of one title share what comes first. */
async function strikeEverybody(
  { postgres, members, shared }: Fleet,
  { kills, seed, note }: PartOptions,
  api: readonly Member[],
): Promise<void> {
  const pace = new Pace();
  const plan = (place: number, share: number) => ({
    chance: new Chance(seed + 100 + place),
    kills: Math.floor(kills * share),
    note: (one: Strike) => {
      pace.count();
      note(one);
    },
  });
  const strikes = members.map(async (member, place) => {
    const { title } = member;
    const like = members.filter((other) => other.title === title);
    const kinds = title === 'server' ? fleetServerKinds : fleetWorkerKinds;
    const first = kinds.filter((_, index) => like[index % like.length] === member);
    const users = new Users(anyOf(api, title === 'server' ? member : undefined), shared);
    const names = { title, member, server: member, supervisor: member };
    const own = plan(place, shares[title]);
    await strikeAll({ ...names, users, chance: own.chance, zombieMs }, kinds, { ...own, first });
    await member.life();
  });
  const { chance, ...last } = plan(members.length, shares.database);
  const scene = { title: 'PostgreSQL', postgres, members, chance, zombieMs, calm: pace.calm };
  const ended = Promise.all(strikes).finally(() => pace.end());
  await Promise.all([ended, strikeAll(scene, databaseKinds, { chance, ...last })]);
  for (const member of members) await member.life();
}

/** PostgreSQL is struck after so many other strikes: on a slow machine as on a fast one processes get to start in between. */
class Pace {
  #count = 0;
  #isOver = false;

  count(): void {
    this.#count += 1;
  }

  /** Nobody else is struck any more. */
  end(): void {
    this.#isOver = true;
  }

  readonly calm = async (): Promise<void> => {
    const due = this.#count + strikesBetween;
    while (this.#count < due && !this.#isOver) await sleep(50);
  };
}

/** Waits until nobody owes a message any more; what is left then is found. */
async function untilTold(databaseUrl: string): Promise<void> {
  const database = connectPostgres(databaseUrl, { most: 1 });
  const deadline = performance.now() + longestOutboxMs;
  try {
    while (performance.now() < deadline) {
      const owed = await database('outbox').select('id').limit(1);
      if (owed.length === 0) return;
      await sleep(500);
    }
  } finally {
    await database.destroy();
  }
}

/** What killed ones left, the next server that starts clears up. */
async function clearUp({ members, places }: Fleet): Promise<void> {
  const [server] = members;
  if (server === undefined) return;
  const last = await server.life();
  await untilTidy(places);
  await last.stop();
}
