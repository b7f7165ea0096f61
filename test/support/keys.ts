/** API keys for tests: a file of them, and clients that use them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import supertest from 'supertest';
import { digestOf, newKey } from '../../src/authentication/api-keys.ts';
import { temporaryDataFolder } from './finished-job.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './server.ts';

/** Members of an entry besides its digest. */
export type Limits = Readonly<Record<string, number>>;

export interface KeyedServer extends TestServer {
  /** Owner → key. */
  readonly keys: Readonly<Record<string, string>>;
  readonly keyFile: string;
  /** A client that sends the key of an owner with every request. */
  as(owner: string): ReturnType<typeof supertest.agent>;
}

/** Writes the file of keys, one for each owner. */
export async function writeKeys(
  file: string,
  owners: Readonly<Record<string, Limits>>,
): Promise<Readonly<Record<string, string>>> {
  const keys = Object.fromEntries(Object.keys(owners).map((owner) => [owner, newKey()]));
  const entries = Object.entries(owners).map(([owner, limits]) => [
    `${owner}-1`,
    { owner, sha256: digestOf(keys[owner] ?? ''), ...limits },
  ]);
  await writeFile(file, JSON.stringify(Object.fromEntries(entries)));
  return keys;
}

/** A server with API keys for these owners. */
export async function startKeyedServer(
  owners: Readonly<Record<string, Limits>> = { alice: {}, bob: {} },
  options: TestServerOptions = {},
): Promise<KeyedServer> {
  const keyFile = join(await temporaryDataFolder(), 'keys.json');
  const keys = await writeKeys(keyFile, owners);
  const server = await startTestServer({
    ...options,
    settings: { API_KEYS_FILE: keyFile, ...options.settings },
  });
  const as = (owner: string) =>
    supertest.agent(server.app.address).set('X-API-Key', keys[owner] ?? '');
  return { ...server, keys, keyFile, as };
}

/** Executes echo as a job of an owner, and waits for its end. Answers its id. */
export async function echoOf(server: KeyedServer, owner: string, a = 'x'): Promise<string> {
  const client = server.as(owner);
  const execution = client.post('/processes/echo/execution').set('Prefer', 'respond-async');
  const { body } = await execution.send({ inputs: { a } }).expect(201);
  const { jobID } = body as { jobID: string };
  for (;;) {
    const { body: job } = await client.get(`/jobs/${jobID}`).expect(200);
    const { status } = job as { status: string };
    if (status === 'successful') return jobID;
    if (status !== 'accepted' && status !== 'running') throw new Error(`The job is ${status}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
