/** What a visitor does: fills in the form, watches the job, reads the map. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeSyntheticScene, type SyntheticScene } from '../../scripts/synthetic-scene/scene.ts';
import { describeWithBrowser, startBrowser, visit } from '../support/browser.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { startEcho, startTestServer, untilStatus, type TestServer } from '../support/server.ts';

const form = '/processes/senseiv2-cloudmask';

describeWithBrowser('a visitor', () => {
  let dataDirectory: string;
  let scene: SyntheticScene;
  let server: TestServer;
  let browser: Browser;
  /** Path of the results of a mask that the first test made. */
  let results: string;

  beforeAll(async () => {
    dataDirectory = await temporaryDataFolder();
    const products = join(dataDirectory, 'products');
    scene = await writeSyntheticScene(products, { size: { rows: 1098, columns: 1098 } });
    server = await startTestServer({ dataDirectory, settings: { PRODUCT_ROOTS: products } });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await rm(dataDirectory, { recursive: true });
  });

  const text = async (page: Page, selector: string): Promise<string> =>
    page.$eval(selector, (found) => found.textContent ?? '');

  async function middleOf(page: Page, selector: string): Promise<{ x: number; y: number }> {
    const box = await (await page.waitForSelector(selector))?.boundingBox();
    if (box == null) throw new Error(`${selector} is not to be seen.`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  async function follow(page: Page, selector: string): Promise<string> {
    const link = await page.waitForSelector(selector, { timeout: 60_000 });
    await Promise.all([page.waitForNavigation(), link?.click()]);
    return new URL(page.url()).pathname;
  }

  const ready = (page: Page) => page.waitForSelector('[data-ready=yes]');

  it('goes from the form over the running job to the map, and reads the class under the pointer', async () => {
    const { page, messages } = await visit(browser, server.root + form);
    await page.type('#f-product', scene.folder);
    await page.click('[name=output_style][value=cloud-noncloud]');
    expect(await text(page, '#request')).toContain('"output_style": "cloud-noncloud"');
    await Promise.all([page.waitForNavigation(), page.click('button[type=submit]')]);
    expect(await text(page, '#live')).toContain('Live');
    results = await follow(page, 'a.btn.main');
    await ready(page);
    await page.$eval('#canvas', (canvas) => canvas.scrollIntoView({ block: 'center' }));
    const { x, y } = await middleOf(page, '#canvas');
    await page.mouse.move(x + 60, y - 60);
    expect(await text(page, '#where')).toMatch(/^[\d.]+° N, [\d.]+° E · (?:no )?cloud$/);
    expect(messages).toEqual([]);
    await page.close();
  });

  it('sees colours of the classes and nothing else, after two requests at most', async () => {
    const { page } = await visit(browser, server.root + results);
    expect(
      Number(await page.$eval('.map', (map) => map.getAttribute('data-requests'))),
    ).toBeLessThanOrEqual(2);
    await page.$eval('#swipe', (swipe) => {
      Object.assign(swipe, { value: '0' });
      swipe.dispatchEvent(new Event('input'));
    });
    await page.evaluate('new Promise(requestAnimationFrame)');
    const found = (await page.evaluate(`(() => {
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(60, 0, width - 60, height);
      const counts = new Map();
      for (let at = 0; at < data.length; at += 4) {
        const key = [...data.subarray(at, at + 4)].join();
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return [...counts.keys()];
    })()`)) as string[];
    // No cloud, cloud, no data, and what lies around the product.
    expect(found.toSorted()).toEqual([
      '0,0,0,0',
      '214,219,224,255',
      '76,174,92,255',
      '82,37,116,255',
    ]);
    await page.close();
  });

  it('needs no mouse: skip link, cards by arrows, a bucket for PRIVATE, the map by keys', async () => {
    const { page } = await visit(browser, server.root + form);
    await page.keyboard.press('Tab');
    expect(await text(page, ':focus')).toBe('Skip to the content');
    await page.focus('[name=output_storage]:checked');
    expect(await page.$eval('.s3', (group) => group.checkVisibility())).toBe(false);
    await page.keyboard.press('ArrowRight');
    expect(await page.$eval('.s3', (group) => group.checkVisibility())).toBe(true);
    expect(await page.$eval('#f-s3_bucket', (field) => field.matches(':required'))).toBe(true);
    await page.type('#f-s3_secret_key', 'very-secret');
    expect(await text(page, '#request')).toContain('"s3_secret_key": "***"');
    await page.goto(server.root + results);
    await ready(page);
    await page.focus('#canvas');
    const before = await text(page, '#scale-text');
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await page.evaluate('new Promise(requestAnimationFrame)');
    expect(await text(page, '#where')).toMatch(/^centre: .* · /);
    expect(await text(page, '#scale-text')).not.toBe(before);
    await page.close();
  });

  it('sees a job move and end without loading the page by hand', async () => {
    const job = await startEcho(server, { inputs: { a: 'x', pause: 4 } });
    await untilStatus(server, job.jobID, 'running');
    const { page, messages } = await visit(browser, `${server.root}/jobs/${job.jobID}`);
    await page.waitForFunction('document.querySelector("#progress")?.value > 0');
    await page.waitForFunction('document.querySelector(".badge.successful") !== null');
    expect(messages).toEqual([]);
    await page.close();
  });

  it('sees the stages drawn anew when the job enters another, and how long it takes yet', async () => {
    const job = await startEcho(server, { inputs: { a: 'x', pause: 60 } });
    await untilStatus(server, job.jobID, 'running');
    const { page, messages } = await visit(browser, `${server.root}/jobs/${job.jobID}`);
    await page.$eval('#stages', (stages) => stages.setAttribute('data-old', ''));
    const started = new Date(Date.now() - 300_000).toISOString();
    const told = { status: 'running', progress: 50, message: 'Elsewhere: 1 of 2', started };
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      const isPoll = request.headers()['accept'] === 'application/json';
      if (isPoll) void request.respond({ status: 200, body: JSON.stringify(told) });
      else void request.continue();
    });
    await page.waitForSelector('#stages:not([data-old])');
    expect(await text(page, '#stages')).toContain('Attempt 1 began');
    expect(await text(page, '#left')).toMatch(/^About [56] minutes left\.$/);
    expect(await text(page, '#percent')).toBe('50 %');
    expect(messages).toEqual([]);
    await page.close();
    await server.request.delete(`/jobs/${job.jobID}`).expect(200);
  });

  it('starts and dismisses without scripts', async () => {
    const { page } = await visit(browser, `${server.root}/processes/echo`, { hasScripts: false });
    await page.type('#f-a', 'x');
    await page.$eval('#f-pause', (field) => field.setAttribute('value', '60'));
    await Promise.all([page.waitForNavigation(), page.click('button[type=submit]')]);
    await Promise.all([page.waitForNavigation(), page.click('.btn.danger')]);
    expect(await text(page, '.badge')).toBe('Dismissed');
    await page.close();
  });

  it('sees the preview, and why, where the mask cannot be read', async () => {
    const { page } = await visit(browser, `${server.root}/`);
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      if (request.url().endsWith('.tif')) void request.respond({ status: 200, body: 'all of it' });
      else void request.continue();
    });
    await page.goto(server.root + results);
    await page.waitForSelector('.map.broken');
    expect(await text(page, '#map-note')).toBe(
      'The map could not read the mask (the server ignores Range). This is the preview.',
    );
    expect(await page.$eval('.map img', (image) => image.checkVisibility())).toBe(true);
    await page.waitForFunction('document.querySelector(".map img").naturalWidth > 0');
    await page.close();
  });
});
