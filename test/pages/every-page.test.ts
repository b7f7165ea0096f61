/** Every page, in three widths, light and dark, in print and without scripts: looked at by axe-core and kept as pictures. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeSyntheticScene } from '../../scripts/synthetic-scene/scene.ts';
import {
  describeWithBrowser,
  overflowOf,
  picture,
  startBrowser,
  violationsOf,
  visit,
} from '../support/browser.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { addOddJobs, type OddJobs } from '../support/jobs-of-every-kind.ts';
import {
  startEcho,
  startTestServer,
  untilStatus,
  type StatusInfo,
  type TestServer,
} from '../support/server.ts';

const views = [
  { width: 390, scheme: 'light' },
  { width: 820, scheme: 'dark' },
  { width: 1440, scheme: 'light' },
] as const;

/** A page of another status than 200 makes Chromium say so: that is no message of the page. */
const isOwn = (message: string): boolean => !message.startsWith('Failed to load resource');

describeWithBrowser('every page', () => {
  let dataDirectory: string;
  let server: TestServer;
  let browser: Browser;
  let paths: Record<string, string>;
  /** Of pages that are no 200. */
  const statuses: Record<string, number> = {
    'results-failed': 400,
    'results-expired': 410,
    'results-not-ready': 404,
    'no-job': 404,
  };

  beforeAll(async () => {
    dataDirectory = await temporaryDataFolder();
    const odd = await addOddJobs(dataDirectory);
    const products = join(dataDirectory, 'products');
    const scene = await writeSyntheticScene(products, { size: { rows: 1098, columns: 1098 } });
    server = await startTestServer({ dataDirectory, settings: { PRODUCT_ROOTS: products } });
    browser = await startBrowser();
    paths = await pathsOf(odd, scene.folder);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await rm(dataDirectory, { recursive: true });
  });

  async function mask(inputs: object): Promise<string> {
    const { body } = await server.request
      .post('/processes/senseiv2-cloudmask/execution')
      .send({ inputs })
      .expect(201);
    const { jobID } = body as StatusInfo;
    await untilStatus(server, jobID, 'successful');
    return jobID;
  }

  async function pathsOf(odd: OddJobs, product: string): Promise<Record<string, string>> {
    const masked = await mask({ product });
    const percent = await mask({ product, categorise: false, stride: 512 });
    const echo = await startEcho(server, { inputs: { a: 'x', d: [1, 2] } });
    await untilStatus(server, echo.jobID, 'successful');
    const running = await startEcho(server, { inputs: { a: 'x', pause: 60 } });
    await untilStatus(server, running.jobID, 'running');
    const waiting = await startEcho(server, { inputs: { a: 'x' } });
    return {
      start: '/',
      conformance: '/conformance',
      api: '/api',
      readiness: '/readyz',
      processes: '/processes',
      form: '/processes/senseiv2-cloudmask',
      'form-again': `/processes/senseiv2-cloudmask?job=${odd.delivered}`,
      'form-echo': '/processes/echo',
      jobs: '/jobs?limit=50',
      'job-successful': `/jobs/${masked}`,
      'job-running': `/jobs/${running.jobID}`,
      'job-waiting': `/jobs/${waiting.jobID}`,
      'job-failed': `/jobs/${odd.failed}`,
      'job-expired': `/jobs/${odd.expired}`,
      'job-dismissed': `/jobs/${odd.dismissed}`,
      results: `/jobs/${masked}/results`,
      'results-percent': `/jobs/${percent}/results`,
      'results-echo': `/jobs/${echo.jobID}/results`,
      'results-delivered': `/jobs/${odd.delivered}/results`,
      'results-failed': `/jobs/${odd.failed}/results`,
      'results-expired': `/jobs/${odd.expired}/results`,
      'results-not-ready': `/jobs/${waiting.jobID}/results`,
      'output-statistics': `/jobs/${masked}/results/statistics`,
      log: `/jobs/${masked}/logs`,
      provenance: `/jobs/${masked}/prov`,
      answer: '/processes/echo/execution?a=x',
      'no-job': '/jobs/none',
    };
  }

  it.each(views)(
    'has nothing against it and fits, $width pixels wide and $scheme',
    async ({ width, scheme }) => {
      for (const [name, path] of Object.entries(paths)) {
        const { page, messages, status } = await visit(browser, server.root + path, {
          width,
          scheme,
        });
        await picture(page, `${name}-${width}-${scheme}`);
        await page.evaluate(
          'for (const one of document.querySelectorAll("details")) one.open = true',
        );
        const overflow = await overflowOf(page);
        const violations = await violationsOf(page);
        expect({ name, status, messages: messages.filter(isOwn), overflow, violations }).toEqual({
          name,
          status: statuses[name] ?? 200,
          messages: [],
          overflow: 0,
          violations: [],
        });
        await page.close();
      }
    },
  );

  it('has nothing against it without scripts', async () => {
    for (const [name, path] of Object.entries(paths)) {
      const looks = { width: 390, hasScripts: false } as const;
      const { page } = await visit(browser, server.root + path, looks);
      await picture(page, `${name}-plain`);
      expect([name, await overflowOf(page)]).toEqual([name, 0]);
      await page.close();
    }
  });

  it('prints its facts, and none of its tools', async () => {
    for (const name of ['form', 'jobs', 'job-successful', 'results']) {
      const { page } = await visit(browser, `${server.root}${paths[name]}`, { width: 794 });
      await page.emulateMediaType('print');
      await page.evaluate('dispatchEvent(new Event("beforeprint"))');
      await picture(page, `${name}-print`);
      const seen =
        '[...document.querySelectorAll(".btn:not(.files .btn), .tools, .top nav")].filter((one) => one.checkVisibility()).length';
      const closed = 'document.querySelectorAll("main details:not([open])").length';
      const found = [
        await page.evaluate(seen),
        await page.evaluate(closed),
        await overflowOf(page),
      ];
      expect([name, ...found]).toEqual([name, 0, 0, 0]);
      await page.close();
    }
  });
});
