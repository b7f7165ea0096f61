/**
 * The services of deploy/compose.yaml, started as processes with their own commands, environments and health checks, in a
 * folder that has what the image has and nothing else. Where there is no PostgreSQL or no versitygw, this is skipped.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { composeServices, exampleEnvironment } from '../support/compose-file.ts';
import {
  freePort,
  ordinaryUser,
  postgresFolder,
  startBuckets,
  startDatabase,
  startOurs,
  type Program,
} from '../support/composed.ts';
import { withFolder } from '../support/folder.ts';
import { makeImageTree, project } from '../support/image-tree.ts';
import { parsePrometheusText, valueOf } from '../support/prometheus-text.ts';
import { hasStrictS3 } from '../support/s3-server.ts';
import { until } from '../support/server.ts';

/** Whether this version has workers apart from servers, and with them PostgreSQL. */
const hasWorkers =
  spawnSync(process.execPath, [join(project, 'src/main.ts'), 'work', '--help']).status === 0;
const isPossible = postgresFolder() !== undefined && hasStrictS3();
if (!isPossible && process.env['CI'] === 'true')
  throw new Error('There is no PostgreSQL, or no versitygw: .ci/run installs them.');

async function filesBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).toSorted();
}

async function figure(program: Program, name: string, labels = {}): Promise<number | undefined> {
  const port = program.environment['METRICS_PORT'];
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  return valueOf(parsePrometheusText(await answer.text()), name, labels);
}

it.skipIf(!isPossible)('the services come up, run a job, and stop in time', async () => {
  await withFolder(async (folder) => {
    const services = await composeServices(await exampleEnvironment());
    const [databasePort, bucketsPort] = [await freePort(), await freePort()];
    const replacements = {
      'db:5432': `127.0.0.1:${databasePort}`,
      's3.localhost:7070': `127.0.0.1:${bucketsPort}`,
      '127.0.0.1:7070': `127.0.0.1:${bucketsPort}`,
      ':7070': `127.0.0.1:${bucketsPort}`,
      '/buckets': join(folder, 'buckets'),
      '/products': join(folder, 'products'),
    };
    const tree = join(folder, 'image');
    await mkdir(join(folder, 'products'));
    await makeImageTree(tree);
    spawnSync('chmod', ['-R', 'go+rX', folder]);
    const built = await filesBelow(tree);
    const running: Program[] = [];
    try {
      running.push(await startDatabase(services.db, join(folder, 'database'), databasePort));
      running.push(await startBuckets(services.s3, replacements));
      const user = ordinaryUser('nobody');
      const { DATABASE_URL: _url, ...alone } = services.server.environment;
      const server = hasWorkers
        ? services.server
        : { ...services.server, environment: { ...alone, MAX_RUNNING_JOBS: '1' } };
      const place = (name: string) => ({ tree, data: join(folder, name), user });
      const workers: Program[] = [];
      const served = await startOurs(server, replacements, place('server'));
      running.push(served);
      const count = hasWorkers ? (services.worker.deploy?.replicas ?? 0) : 0;
      for (let index = 0; index < count; index += 1)
        workers.push(await startOurs(services.worker, replacements, place(`worker-${index}`)));
      running.push(...workers);
      for (const program of [served, ...workers])
        await until(() => program.isHealthy(), `it is healthy: ${program.output()}`);

      const root = `http://127.0.0.1:${served.environment['PORT']}`;
      const isReady = async () => (await fetch(`${root}/readyz`)).status === 200;
      await until(isReady, `the server is ready: ${served.output()}`);
      const accepted = await fetch(`${root}/processes/echo/execution`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Prefer: 'respond-async' },
        body: JSON.stringify({ inputs: { a: 'x' } }),
      });
      expect(accepted.status).toBe(201);
      const { jobID } = (await accepted.json()) as { jobID: string };
      // Links are made of BASE_URL, as clients of the composition reach it.
      expect(accepted.headers.get('location')).toBe(`http://localhost:8080/jobs/${jobID}`);
      const status = async () =>
        ((await (await fetch(`${root}/jobs/${jobID}`)).json()) as { status: string }).status;
      await until(
        async () => (await status()) === 'successful',
        `the job ends: ${served.output()}`,
      );
      expect(await figure(served, 'cloudmask_jobs', { status: 'successful' })).toBe(1);
      const slots = hasWorkers ? 0 : 1;
      expect(await figure(served, 'cloudmask_worker_slots')).toBe(slots);

      for (const program of [...workers, served]) expect(await program.stop()).toBe(0);
      expect(await filesBelow(tree)).toEqual(built);
    } finally {
      await Promise.all(running.toReversed().map((program) => program.stop()));
    }
  });
});
