/** Every page in every state, in three widths, light and dark, in print and without scripts: looked at by axe-core, and kept as pictures where PICTURES names a folder. */
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cloudMaskCompanion } from '../../src/http/html/form/cloudmask-companion.ts';
import {
  axeReport,
  describeWithBrowser,
  dress,
  keepText,
  overflowOf,
  picture,
  schemes,
  startBrowser,
  visit,
  type Looks,
} from '../support/browser.ts';
import { openGallery, type Exhibit, type Gallery } from '../support/gallery.ts';

const openAll = 'for (const one of document.querySelectorAll("details")) one.open = true';
const closeAll = 'for (const one of window.wereClosed) one.open = false';
const noteClosed = 'window.wereClosed = [...document.querySelectorAll("details:not([open])")]';

/** A page of another status than 200 makes Chromium say so: that is no message of the page. */
const isOwn = (message: string): boolean => !message.startsWith('Failed to load resource');

describeWithBrowser('every page', () => {
  let gallery: Gallery;
  let browser: Browser;
  /** What axe-core and the width said, for the report. */
  const report: string[] = ['page\twidth\tscheme\trules passed\tviolations\ttoo wide by'];

  beforeAll(async () => {
    gallery = await openGallery();
    browser = await startBrowser();
  }, 600_000);
  afterAll(async () => {
    await browser.close();
    await gallery.close();
    keepText('axe-core.tsv', `${report.join('\n')}\n`);
  });

  async function open({ address, act }: Exhibit, looks: Looks) {
    const visited = await visit(browser, address, looks);
    const answer = await act?.(visited.page);
    return { ...visited, status: answer?.status() ?? visited.status };
  }

  /** What is against a page as it is, with everything folded out. */
  async function faultsOf(page: Page, title: string): Promise<readonly string[]> {
    await page.evaluate(noteClosed);
    await page.evaluate(openAll);
    const overflow = await overflowOf(page);
    const { passed, violations } = await axeReport(page);
    report.push([title, passed, violations.length, overflow].join('\t'));
    await page.evaluate(closeAll);
    return overflow === 0 ? violations : [`${overflow} pixels too wide`, ...violations];
  }

  /** What is against a page in light and in dark, and what it told the console. */
  async function look(exhibit: Exhibit, width: number): Promise<string[]> {
    const { name, status: wanted } = exhibit;
    const { page, messages, status } = await open(exhibit, { width });
    const found = status === wanted ? [] : [`${name}: status ${status}`];
    for (const scheme of schemes) {
      await dress(page, scheme);
      await picture(page, `${name}-${width}-${scheme}`);
      const faults = await faultsOf(page, [name, width, scheme].join('\t'));
      found.push(...faults.map((fault) => `${name}, ${scheme}: ${fault}`));
    }
    await page.close();
    return [...found, ...messages.filter(isOwn).map((message) => `${name}: ${message}`)];
  }

  it.each([390, 820, 1440])(
    'has nothing against it and fits, %i pixels wide, light and dark',
    async (width) => {
      const found: string[] = [];
      const lookAt = async (exhibits: readonly Exhibit[]) => {
        for (const exhibit of exhibits) found.push(...(await look(exhibit, width)));
      };
      await gallery.withOpenJobs(lookAt);
      await lookAt(gallery.lasting);
      expect(found).toEqual([]);
    },
    600_000,
  );

  it('fits without scripts', async () => {
    for (const exhibit of gallery.lasting) {
      const { name, status: wanted } = exhibit;
      const { page, status } = await open(exhibit, { width: 390, hasScripts: false });
      await picture(page, `${name}-plain`);
      const found = [name, status, await overflowOf(page)];
      expect(found).toEqual([name, wanted, 0]);
      await page.close();
    }
  });

  const printed = [
    'form',
    'jobs-filtered',
    'job-successful',
    'job-failed',
    'results',
    'results-percent',
  ];
  it.each(printed)('prints the facts of %s, and none of its tools', async (name) => {
    const exhibit = gallery.lasting.find((one) => one.name === name);
    const { page } = await visit(browser, String(exhibit?.address), { width: 794 });
    await page.emulateMediaType('print');
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    await picture(page, `${name}-print`);
    const seen =
      '[...document.querySelectorAll(".btn:not(.files .btn), .tools, .top nav")].filter((one) => one.checkVisibility()).length';
    const closed = 'document.querySelectorAll("main details:not([open])").length';
    const found = [await page.evaluate(seen), await page.evaluate(closed), await overflowOf(page)];
    expect(found).toEqual([0, 0, 0]);
    await page.close();
  });

  it('prints a map of percentages with its mask, though other tiles would suit the paper better', async () => {
    const exhibit = gallery.lasting.find((one) => one.name === 'results-percent');
    const { page } = await visit(browser, String(exhibit?.address), { width: 1440 });
    const greens = `(() => {
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(width / 2 + 60, 0, width / 2 - 60, height);
      let found = 0;
      for (let at = 0; at < data.length; at += 4) found += data[at + 1] > data[at] + 40 && data[at + 1] > data[at + 2] + 40 ? 1 : 0;
      return found / (data.length / 4);
    })()`;
    expect(await page.evaluate(greens)).toBeGreaterThan(0.3);
    // From now on nothing comes any more.
    await page.setOfflineMode(true);
    const before = await page.evaluate('canvas.width');
    await page.emulateMediaType('print');
    await page.waitForFunction(`canvas.width !== ${String(before)}`);
    await page.evaluate('new Promise(requestAnimationFrame)');
    expect(await page.evaluate(greens)).toBeGreaterThan(0.3);
    await page.close();
  });

  it('draws the stages that jobs really go through', async () => {
    const masked = gallery.lasting.find((one) => one.name === 'log');
    const answer = await fetch(String(masked?.address));
    const { logs } = (await answer.json()) as { logs: { message: string }[] };
    const said = logs.map(({ message }) => message.split(':')[0] ?? '');
    // Between "accepted", "began" and the end.
    const own = said.slice(2, -1).filter((stage) => stage !== 'Finished');
    expect(own).toContain('Masking');
    expect(cloudMaskCompanion.stages.filter((stage) => own.includes(stage))).toEqual(own);
  });
});
