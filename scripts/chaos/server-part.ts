/** First part: real servers, one after the other on one data folder, users over HTTP, and no mercy. */
import { join } from 'node:path';
import { syntheticProduct } from '../demo/product.ts';
import { compareAnswers, expectedOf, undisturbedMask } from './answers.ts';
import { Chance } from './chance.ts';
import { serverKinds } from './server-kinds.ts';
import { Server } from './server.ts';
import { strikeAll, type Strike } from './strikes.ts';
import { Users } from './users.ts';
import { untilTidy, verify, type Findings } from './verify.ts';

export interface PartOptions {
  /** Everything of the part lies there. */
  readonly folder: string;
  /** Marks its processes. */
  readonly temporaryFolder: string;
  readonly kills: number;
  readonly seed: number;
  readonly note: (strike: Strike) => void;
}

const usersAtOnce = 4;
const sceneSize = 240;

/** Strikes, lets everything come to its end, and verifies what is there then. */
export async function strikeServer(options: PartOptions): Promise<Findings> {
  const { folder, temporaryFolder, kills, seed, note } = options;
  const product = await syntheticProduct(join(folder, 'products'), () => undefined, {
    size: sceneSize,
  });
  const dataDirectory = join(folder, 'data');
  const server = new Server({
    dataDirectory,
    productRoot: join(folder, 'products'),
    temporaryFolder,
    logFile: join(folder, 'server.log'),
  });
  const users = new Users(server, { product, orders: [], faults: [] });
  await server.life();
  const maskSha256 = await undisturbedMask(users, dataDirectory);

  const over = new AbortController();
  const living = Array.from({ length: usersAtOnce }, (_, user) =>
    users.live(new Chance(seed + 1 + user), over.signal),
  );
  const chance = new Chance(seed);
  await strikeAll({ title: server.title, server, users, chance }, serverKinds, {
    chance,
    kills,
    note,
  });
  over.abort();
  await server.life();
  await Promise.all(living);
  for (const order of users.orders) await users.untilFinished(order);
  await compareAnswers(users);
  await untilTidy({ dataDirectory, temporaryFolder });
  await (await server.life()).stop();
  const findings = await verify(
    { dataDirectory, temporaryFolder },
    users.orders.map((order) => expectedOf(order, maskSha256)),
  );
  const violations = [...server.faults, ...users.faults, ...findings.violations];
  return { ...findings, violations };
}
