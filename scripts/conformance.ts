/**
 * `npm run conformance`: the official test suite of OGC API - Processes, and our own checks of the same points, against
 * the server as `npm start` starts it.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { version } from '../src/version.ts';
import { runOfficialSuite } from './conformance/official-suite.ts';
import { runOwnChecks } from './conformance/own-checks.ts';
import { suitePoints } from './conformance/points.ts';
import { isWhole, reportText, type Report } from './conformance/report.ts';
import { writeRequirements } from './conformance/requirements.ts';
import { isRecord, listOf } from './demo/json.ts';
import { startServer } from './demo/server.ts';

const help = `Usage: npm run conformance [-- <options>]

Runs the official test suite (ets-ogcapi-processes10 1.3) and our own checks of its 54 points against this server, which
is started on a free port with a data folder of its own. Writes conformance/report.json and conformance/report.txt.
The suite comes from --jar or from Maven and needs Java 17; where it cannot be had, our own checks run alone.

Options:
  --url <root>       another server that is running, instead of one that is started
  --jar <file>       the suite's own jar; what it needs still comes from Maven
  --schemas <folder> a copy of schemas.opengis.net; without it the schemas of our API definition serve
  --own              our own checks only
  --requirements     runs nothing: writes conformance/requirements.tsv from the tests
  --help             prints this

Ends with 0 if everything passed, 1 if something did not, 2 if the suite could not be had and our own checks passed.
`;

const project = path.resolve(import.meta.dirname, '..');
const cache = path.join(project, '.cache', 'conformance');

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    jar: { type: 'string' },
    schemas: { type: 'string' },
    own: { type: 'boolean', default: false },
    requirements: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** Runs what was asked for. Returns the exit code. */
async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (values.requirements) {
    say(await writeRequirements());
    return 0;
  }
  await mkdir(cache, { recursive: true });
  const report =
    values.url === undefined
      ? await withServer(check)
      : await check(values.url.replace(/\/+$/, ''));
  await writeFile(file('report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(file('report.txt'), reportText(report));
  process.stdout.write(reportText(report));
  return exitCode(report);
}

const file = (name: string): string => path.join(project, 'conformance', name);

function exitCode({ official, own }: Report): number {
  if (!isWhole(own, suitePoints.length)) return 1;
  if ('unavailable' in official) return values.own ? 0 : 2;
  return isWhole(official, suitePoints.length) ? 0 : 1;
}

/** A server as it is out of the box, with a data folder that is removed afterwards. */
async function withServer(work: (url: string) => Promise<Report>): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cloudmask-conformance-'));
  const logFile = path.join(cache, 'server.log');
  const server = await startServer({ project, dataFolder: folder, productRoot: folder, logFile });
  try {
    return await Promise.race([work(server.url), server.ended]);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function check(url: string): Promise<Report> {
  const from = process.env['INIT_CWD'] ?? process.cwd();
  const given = (name: string | undefined) =>
    name === undefined ? undefined : path.resolve(from, name);
  const conformance: unknown = await (await fetch(`${url}/conformance`)).json();
  const official = values.own
    ? { unavailable: 'It was not asked for.' }
    : await runOfficialSuite({
        url,
        cache,
        tell: say,
        jar: given(values.jar),
        schemas: given(values.schemas),
      });
  say('Running our own checks …');
  const own = await runOwnChecks(url, cache);
  const conformsTo = isRecord(conformance) ? listOf(conformance['conformsTo']).map(String) : [];
  return { date: new Date().toISOString(), server: { version, conformsTo }, official, own };
}

// The server has a group of its own: it goes when this process ends, but not by a signal to the terminal.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(130));
process.exitCode = await main();
