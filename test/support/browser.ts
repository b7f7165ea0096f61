/** A real Chromium, as Debian and Ubuntu have it. Without one the tests of pages skip and say so; in CI they fail. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { launch, type Browser, type HTTPResponse, type Page } from 'puppeteer-core';
import { describe, it } from 'vitest';

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const program = [process.env['CHROMIUM'] ?? '', ...programs].find((path) => existsSync(path));
const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** Where pictures of pages are kept, to be looked at: `npm run screenshots` names it. */
const pictures = process.env['PICTURES'];

/** A suite that needs a browser. */
export function describeWithBrowser(title: string, suite: () => void): void {
  if (program !== undefined) {
    describe(title, suite);
    return;
  }
  describe(title, () => {
    if (process.env['CI'] === 'true') {
      it('has its browser', () => {
        throw new Error(`None of ${programs.join(', ')} is there: CI runs with Chromium.`);
      });
    } else {
      it.skip('needs Chromium (set CHROMIUM to its path), which is not here', () => undefined);
    }
  });
}

export async function startBrowser(): Promise<Browser> {
  if (program === undefined) throw new Error('There is no browser.');
  // Root may not use the sandbox, and what is shown is our own.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  return launch({ executablePath: program, args });
}

export const schemes = ['light', 'dark'] as const;
type Scheme = (typeof schemes)[number];

/** Light or dark, as the system of a visitor says. */
export async function dress(page: Page, scheme: Scheme): Promise<void> {
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  // The map redraws itself.
  await page.evaluate('new Promise(requestAnimationFrame)');
}

export interface Looks {
  /** CSS pixels. */
  readonly width?: number;
  readonly hasScripts?: boolean;
}

export interface Visit {
  readonly page: Page;
  /** Of the answer that brought the page. */
  readonly status: number;
  /** What the console said: must stay empty. */
  readonly messages: string[];
}

/** Opens an address and waits until all of it is there, the map too. */
export async function visit(browser: Browser, address: string, looks: Looks = {}): Promise<Visit> {
  const page = await browser.newPage();
  const messages: string[] = [];
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(String(error)));
  await page.setJavaScriptEnabled(looks.hasScripts ?? true);
  await page.setViewport({ width: looks.width ?? 1440, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
  const answer = await page.goto(address, { waitUntil: 'load' });
  const isMap = (await page.$('[data-cog]')) !== null && (looks.hasScripts ?? true);
  if (isMap) await page.waitForSelector('[data-ready=yes], .broken');
  return { page, messages, status: statusOf(answer) };
}

/** Of a page that is still in the browser's cache, the server says only that it has not changed. */
function statusOf(answer: HTTPResponse | null): number {
  const status = answer?.status() ?? 0;
  return status === 304 ? 200 : status;
}

/** Keeps a text beside the pictures, where they are wanted. */
export function keepText(name: string, text: string): void {
  if (pictures !== undefined) writeFileSync(join(pictures, name), text);
}

/** Keeps a picture of the whole page, where pictures are wanted. */
export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

export interface AxeReport {
  /** Rules that something of the page obeys. */
  readonly passed: number;
  /** Rule and elements. */
  readonly violations: readonly string[];
}

/** What axe-core says of a page. */
export async function axeReport(page: Page): Promise<AxeReport> {
  await page.evaluate(axeSource);
  const source = 'axe.run(document, { resultTypes: ["violations"] })';
  const { violations, passes } = (await page.evaluate(source)) as AxeResults;
  if (passes.length === 0) throw new Error('axe-core looked at nothing.');
  return {
    passed: passes.length,
    violations: violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`,
    ),
  };
}

/** CSS pixels by which the page is wider than the window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth') as Promise<number>;
}
