/** First part: real servers, one after the other on one data folder, users over HTTP, and no mercy. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syntheticProduct } from '../demo/product.ts';
import { Chance } from './chance.ts';
import type { Expected } from './expected.ts';
import { serverKinds } from './server-kinds.ts';
import { Server } from './server.ts';
import { strikeAll, type Strike } from './strikes.ts';
import { idOf, Users, type Order } from './users.ts';
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
  const users = new Users(server, product);
  const maskSha256 = await undisturbedMask(server, users, dataDirectory);

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
  await untilTidy(dataDirectory);
  await (await server.life()).stop();
  const findings = await verify(
    { dataDirectory, temporaryFolder },
    users.orders.map((order) => expectedOf(order, maskSha256)),
  );
  const violations = [...server.faults, ...users.faults, ...findings.violations];
  return { ...findings, violations };
}

/** SHA-256 of the mask as it is made where nothing happens. */
async function undisturbedMask(
  server: Server,
  users: Users,
  dataDirectory: string,
): Promise<string> {
  await server.life();
  const order = users.mask();
  await users.execute(order);
  await users.untilFinished(order);
  const answer = await users.ask({
    method: 'GET',
    path: `/jobs/${idOf(order)}/results`,
    expected: [200],
  });
  const href = answer?.body.cloud_mask?.href ?? '';
  const name = href.split('/').at(-1) ?? '';
  const file = join(dataDirectory, 'results/jobs', idOf(order), '1', name);
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

function expectedOf(order: Order, maskSha256: string): Expected {
  const { processId, inputs, key, ids, isDismissed } = order;
  const outputs =
    processId === 'echo'
      ? { a: { value: inputs['a'] ?? null } }
      : { cloud_mask: { sha256: maskSha256 } };
  return { ids: [...ids], key, isDismissed, outputs };
}

/** What users are answered in the end. */
async function compareAnswers(users: Users): Promise<void> {
  for (const order of users.orders) {
    const path = `/jobs/${idOf(order)}`;
    const answer = await users.ask({ method: 'GET', path, expected: [200] });
    const status = answer?.body.status ?? '';
    const code = { successful: 200, failed: 500, dismissed: 410 }[status] ?? 0;
    const results = await users.ask({ method: 'GET', path: `${path}/results`, expected: [code] });
    if (status !== 'successful' || order.processId !== 'echo') continue;
    if (results?.body.a?.value !== order.inputs['a'])
      users.faults.push(`GET ${path}/results answers ${JSON.stringify(results?.body)}.`);
  }
}
