/**
 * `npm run screenshots`: runs the test of every page, keeps what Chromium showed in `.cache/pages`, and puts the pictures
 * into `test/pages/screenshots/`, one sheet for each page: phone, tablet and desktop, light above dark, or as printed. What axe-core
 * said of each stands beside them in `axe-core.tsv`.
 */
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { runProgram } from './conformance/program.ts';

const help = `Usage: npm run screenshots

Runs the test of every page with a headless Chromium (CHROMIUM names one), and writes pictures of every page in every
state to test/pages/screenshots: in three widths, light and dark, and as printed, beside what axe-core said of them.
Ends with 0 if the test passed.
`;

const project = path.resolve(import.meta.dirname, '..');
const shots = path.join(project, '.cache', 'pages');
const sheets = path.join(project, 'test', 'pages', 'screenshots');

const widths = [390, 820, 1440];
/** Of the size on a screen: text can still be read. */
const scale = 0.42;
/** CSS pixels that are shown of a long page. */
const mostRows = 1700;
const gap = 16;
const quality = 45;

interface Shot {
  readonly image: Buffer;
  readonly width: number;
  readonly height: number;
}

/** A picture of the test by its name, smaller. */
async function readShot(name: string): Promise<Shot> {
  const file = path.join(shots, `${name}.png`);
  const { width, height } = await sharp(file).metadata();
  const { data, info } = await sharp(file)
    .extract({ left: 0, top: 0, width, height: Math.min(height, mostRows) })
    .resize({ width: Math.round(width * scale) })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { image: data, width: info.width, height: info.height };
}

/** Rows of pictures on grey. */
async function writeSheet(name: string, rows: readonly (readonly Shot[])[]): Promise<number> {
  let top = gap;
  const placed = rows.flatMap((row) => {
    let left = gap;
    const at = row.map((shot) => {
      const place = { input: shot.image, top, left };
      left += shot.width + gap;
      return { place, right: left };
    });
    top += Math.max(...row.map(({ height }) => height)) + gap;
    return at;
  });
  const width = Math.max(...placed.map(({ right }) => right));
  const { size } = await sharp({
    create: { width, height: top, channels: 3, background: '#8a9299' },
  })
    .composite(placed.map(({ place }) => place))
    .webp({ quality, effort: 6 })
    .toFile(path.join(sheets, `${name}.webp`));
  return size;
}

/** Names of pages of which there is a picture with this ending. */
async function namesWith(ending: string): Promise<string[]> {
  const found = (await readdir(shots)).filter((file) => file.endsWith(ending));
  return found.map((file) => file.slice(0, -ending.length)).toSorted();
}

async function writeSheets(): Promise<readonly number[]> {
  await rm(sheets, { recursive: true, force: true });
  await mkdir(sheets, { recursive: true });
  const sizes: number[] = [];
  for (const name of await namesWith('-390-light.png')) {
    const row = (scheme: string) =>
      Promise.all(widths.map((width) => readShot(`${name}-${width}-${scheme}`)));
    sizes.push(await writeSheet(name, [await row('light'), await row('dark')]));
  }
  for (const name of await namesWith('-print.png'))
    sizes.push(await writeSheet(`${name}-print`, [[await readShot(`${name}-print`)]]));
  await copyFile(path.join(shots, 'axe-core.tsv'), path.join(sheets, 'axe-core.tsv'));
  return sizes;
}

/** Answers the exit code. */
async function main(): Promise<number> {
  await rm(shots, { recursive: true, force: true });
  const vitest = path.join(project, 'node_modules/vitest/vitest.mjs');
  const test = ['run', '--config', 'test/vitest.config.ts', 'test/pages/every-page.test.ts'];
  const env = { PICTURES: shots, CI: 'true' };
  const options = { cwd: project, timeoutMs: 1_800_000, env };
  const outcome = await runProgram(process.execPath, [vitest, ...test], options);
  if (outcome?.code !== 0) {
    process.stderr.write(`${outcome?.stdout}\n${outcome?.stderr}\nPictures so far: ${shots}\n`);
    return 1;
  }
  const sizes = await writeSheets();
  const kilobytes = Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1000);
  process.stdout.write(`${sizes.length} sheets, ${kilobytes} kB, in ${sheets}\n`);
  return 0;
}

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
if (values.help === true) process.stdout.write(help);
else process.exitCode = await main();
