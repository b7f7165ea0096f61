/** A server with something to see on every page and in every state, for tests and pictures of pages. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HTTPResponse, Page } from 'puppeteer-core';
import { writeSyntheticScene } from '../../scripts/synthetic-scene/scene.ts';
import { temporaryDataFolder } from './finished-job.ts';
import { addOddJobs, type OddJobs } from './jobs-of-every-kind.ts';
import { startEcho, startTestServer, until, untilStatus, type TestServer } from './server.ts';

/** A page on show. */
export interface Exhibit {
  readonly name: string;
  /** Absolute. */
  readonly address: string;
  /** Of the answer that brings it. */
  readonly status: number;
  /** What a visitor does there first; answers what the server sent then. */
  readonly act?: (page: Page) => Promise<HTTPResponse | null>;
}

export interface Gallery {
  readonly server: TestServer;
  /** Pages that stay as they are. */
  readonly lasting: readonly Exhibit[];
  /** Shows a job that runs, then one that waits: they are on show while `use` goes through them. */
  withOpenJobs(use: (exhibits: readonly Exhibit[]) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export async function openGallery(): Promise<Gallery> {
  const dataDirectory = await temporaryDataFolder();
  const odd = await addOddJobs(dataDirectory);
  const products = join(dataDirectory, 'products');
  const { folder } = await writeSyntheticScene(products, { size: { rows: 1098, columns: 1098 } });
  const server = await startTestServer({ dataDirectory, settings: { PRODUCT_ROOTS: products } });
  const empty = await startTestServer();
  return {
    server,
    lasting: [...(await lastingPages(server, odd, folder)), exhibit(empty, 'jobs-none', '/jobs')],
    withOpenJobs: (use) => showOpenJobs(server, folder, use),
    async close() {
      await Promise.all([server.close(), empty.close()]);
      await rm(dataDirectory, { recursive: true });
    },
  };
}

function exhibit({ root }: TestServer, name: string, path: string, status = 200): Exhibit {
  return { name, address: root + path, status };
}

async function lastingPages(
  server: TestServer,
  odd: OddJobs,
  product: string,
): Promise<readonly Exhibit[]> {
  const masked = await mask(server, { product });
  const percent = await mask(server, { product, categorise: false, stride: 512 });
  const binary = await mask(server, { product, output_style: 'valid-invalid', stride: 512 });
  const echo = await startEcho(server, { inputs: { a: 'x', d: [1, 2] } });
  await untilStatus(server, echo.jobID, 'successful');
  const form = '/processes/senseiv2-cloudmask';
  const pages = {
    start: '/',
    conformance: '/conformance',
    api: '/api',
    health: '/healthz',
    readiness: '/readyz',
    processes: '/processes',
    form,
    'form-again': `${form}?job=${odd.delivered}`,
    'form-echo': '/processes/echo',
    'jobs-filtered': '/jobs?status=successful,failed&processID=senseiv2-cloudmask&limit=50',
    'jobs-none-like-this': '/jobs?status=failed&processID=echo',
    'job-successful': `/jobs/${masked}`,
    'job-failed': `/jobs/${odd.failed}`,
    'job-expired': `/jobs/${odd.expired}`,
    'job-dismissed': `/jobs/${odd.dismissed}`,
    results: `/jobs/${masked}/results`,
    'results-percent': `/jobs/${percent}/results`,
    'results-valid': `/jobs/${binary}/results`,
    'results-echo': `/jobs/${echo.jobID}/results`,
    'results-delivered': `/jobs/${odd.delivered}/results`,
    statistics: `/jobs/${masked}/results/statistics`,
    log: `/jobs/${masked}/logs`,
    inputs: `/jobs/${masked}/inputs`,
    definition: `/jobs/${masked}/definition`,
    provenance: `/jobs/${masked}/prov`,
    answer: '/processes/echo/execution?a=x',
  };
  return [
    ...Object.entries(pages).map(([name, path]) => exhibit(server, name, path)),
    exhibit(server, 'results-failed', `/jobs/${odd.failed}/results`, 400),
    exhibit(server, 'results-expired', `/jobs/${odd.expired}/results`, 410),
    exhibit(server, 'no-job', '/jobs/none', 404),
    { ...exhibit(server, 'form-refused', form, 400), act: sendWrongForm },
  ];
}

/** A product that is not there, and a bucket without its keys. */
async function sendWrongForm(page: Page): Promise<HTTPResponse | null> {
  await page.type('#f-product', 'S2A_MSIL1C_20170729T153601_N0205_R111_T19UDP_20170729T153557');
  await page.$eval('#execute', (form) => form.setAttribute('novalidate', ''));
  await page.click('[name=output_storage][value=PRIVATE]');
  const sent = page.waitForNavigation();
  await page.click('button[type=submit]');
  return sent;
}

async function startMask(server: TestServer, inputs: object): Promise<string> {
  const { body } = await server.request
    .post('/processes/senseiv2-cloudmask/execution')
    .send({ inputs })
    .expect(201);
  return String(body.jobID);
}

async function mask(server: TestServer, inputs: object): Promise<string> {
  const id = await startMask(server, inputs);
  await untilStatus(server, id, 'successful');
  return id;
}

async function showOpenJobs(
  server: TestServer,
  product: string,
  use: (exhibits: readonly Exhibit[]) => Promise<void>,
): Promise<void> {
  const masking = await startMask(server, { product, stride: 64 });
  await until(async () => {
    const { body } = await server.request.get(`/jobs/${masking}`);
    return String(body.message).startsWith('Masking') && body.progress > 0;
  }, 'it masks');
  const pausing = await startEcho(server, { inputs: { a: 'x', pause: 60 } });
  await use([
    exhibit(server, 'job-running', `/jobs/${masking}`),
    exhibit(server, 'jobs', '/jobs?status=accepted,running,successful,failed'),
  ]);
  await server.request.delete(`/jobs/${masking}`).expect(200);
  const waiting = await startEcho(server, { inputs: { a: 'x' } });
  await use([
    exhibit(server, 'job-waiting', `/jobs/${waiting.jobID}`),
    exhibit(server, 'results-not-ready', `/jobs/${waiting.jobID}/results`, 404),
  ]);
  for (const { jobID } of [pausing, waiting])
    await server.request.delete(`/jobs/${jobID}`).expect(200);
}
