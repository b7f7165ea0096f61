/** Pages of a server that answers only those who are known: a browser asks its user, and goes on by itself. */
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { axeReport, describeWithBrowser, startBrowser } from '../support/browser.ts';
import { startKeyedServer, type KeyedServer } from '../support/keys.ts';

describeWithBrowser('a visitor with an API key', () => {
  let server: KeyedServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startKeyedServer();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const text = (page: Page, selector: string): Promise<string> =>
    page.$eval(selector, (found) => found.textContent ?? '');

  /** A page in a browser of its own, whose user gives this password when they are asked. */
  async function browserOf(owner: string): Promise<Page> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.authenticate({ username: owner, password: server.keys[owner] ?? '' });
    return page;
  }

  it('with a wrong one gets a page that says what is wrong', async () => {
    const page = await browserOf('nobody');
    const answer = await page.goto(`${server.root}/jobs`);
    expect([answer?.status(), await text(page, 'h1')]).toEqual([
      401,
      'The credentials are not accepted',
    ]);
    expect(await text(page, '.cause')).toContain('The API key is not known');
    expect((await axeReport(page)).violations).toEqual([]);
  });

  it.each([true, false])(
    'starts a job by the form and sees it alone (scripts: %s)',
    async (scripts) => {
      const page = await browserOf('alice');
      await page.setJavaScriptEnabled(scripts);
      await page.goto(`${server.root}/processes/echo`);
      await page.type('#f-a', 'of alice');
      await Promise.all([page.waitForNavigation(), page.click('button[type=submit]')]);
      const path = new URL(page.url()).pathname;
      expect(path).toMatch(/^\/jobs\/[0-9a-f-]{36}$/);
      await page.waitForSelector('a.btn.main', { timeout: 60_000 });
      await page.goto(`${server.root}/jobs`);
      expect(await text(page, '.lead')).toBe('Your jobs, alice, newest first.');
      expect(await page.$(`a[href="${path}"]`)).not.toBeNull();
      const other = await browserOf('bob');
      const answer = await other.goto(server.root + path);
      expect(answer?.status()).toBe(404);
      await other.goto(`${server.root}/jobs`);
      expect(await text(other, '.lead')).toBe('Your jobs, bob, newest first.');
      expect(await other.$(`a[href="${path}"]`)).toBeNull();
      await page.goto(server.root + path);
      await Promise.all([page.waitForNavigation(), page.click('form button[type=submit]')]);
      await page.goto(server.root + path);
      expect(await text(page, 'main')).toContain('dismissed');
    },
  );
});
