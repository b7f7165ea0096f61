import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addFinishedJob, temporaryDataFolder } from '../support/finished-job.ts';
import { startTestServer, until, type TestServer } from '../support/server.ts';

const day = 86_400_000;

async function withMaskJob(
  use: (job: {
    server: TestServer;
    id: string;
    link: string;
    at: (days: number) => void;
  }) => Promise<void>,
) {
  const dataDirectory = await temporaryDataFolder();
  let now = new Date('2026-01-01T00:00:00Z');
  const id = await addFinishedJob(dataDirectory, { now: () => now });
  const server = await startTestServer({ dataDirectory, now: () => now });
  const { body } = await server.request.get(`/jobs/${id}/results`).expect(200);
  const link = new URL((body as { cloud_mask: { href: string } }).cloud_mask.href).pathname;
  try {
    await use({
      server,
      id,
      link,
      at: (days) => (now = new Date(Date.parse('2026-01-01T00:00:00Z') + days * day)),
    });
  } finally {
    await server.close();
    await rm(dataDirectory, { recursive: true });
  }
}

describe('results after their time', () => {
  it('links and results live 14 days, then answer 410; the job stays for 30 days', () =>
    withMaskJob(async ({ server, id, link, at }) => {
      at(13.9);
      await server.request.get(link).expect(200);
      at(14.1);
      const gone = await server.request.get(link).expect(410);
      expect(gone.body).toMatchObject({ status: 410, detail: expect.stringContaining('14 days') });
      await server.request.get(`/jobs/${id}/results`).expect(410);
      await server.app.sweep();
      await server.request.get(link).expect(410);
      await server.request.get(`/jobs/${id}/results/cloud_mask`).expect(410);
      expect(await readdir(join(server.dataDirectory, 'results', 'jobs'))).toEqual([]);
      const status = await server.request.get(`/jobs/${id}`).expect(200);
      expect(status.body.status).toBe('successful');
      expect(status.body.links.map((one: { rel: string }) => one.rel)).not.toContain(
        'http://www.opengis.net/def/rel/ogc/1.0/results',
      );
      at(30.1);
      await server.app.sweep();
      await server.request.get(`/jobs/${id}`).expect(404);
    }));

  it('a dismissed job loses its files: links and results answer 410, a second DELETE too', () =>
    withMaskJob(async ({ server, id, link }) => {
      const dismissed = await server.request.delete(`/jobs/${id}`).expect(200);
      expect(dismissed.body).toMatchObject({ jobID: id, status: 'dismissed', type: 'process' });
      await server.request.get(link).expect(410);
      await server.request.get(`/jobs/${id}/results`).expect(410);
      await server.request.get(`/jobs/${id}`).expect(200);
      await server.request.delete(`/jobs/${id}`).expect(410);
      const jobs = join(server.dataDirectory, 'results', 'jobs');
      await until(async () => (await readdir(jobs)).length === 0, 'files are removed');
    }));
});
