/**
 * `npm run fuzz`: asks a server of its own what its API definition allows and what it forbids (schemathesis), and ends
 * with 1 where an answer is not what the definition says. Needs Python; the tool is kept in `.cache`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs, promisify } from 'node:util';
import { startApp } from '../src/app.ts';
import { readConfig } from '../src/config/config.ts';
import { createLog } from '../src/log.ts';
import { runPlainly } from './fuzz/plain-output.ts';
import { addFinishedJob } from '../test/support/finished-job.ts';

const help = `Usage: npm run fuzz [-- options]

Tests a server that is started for it, with requests made from its API definition.

Options:
  --examples <n>  so many random requests for each operation at most (default 40)
  --seed <n>      repeats a run
  --help          prints this
`;

const version = '4.32.5';
const tools = path.resolve(import.meta.dirname, '..', '.cache', `schemathesis-${version}`);
const run = promisify(execFile);

/** Cursors and inputs can be right by their schema and wrong all the same: being refused is no fault. */
const excluded = 'positive_data_acceptance';

async function installed(): Promise<string> {
  const program = path.join(tools, 'bin', 'schemathesis');
  if (existsSync(program)) return program;
  process.stderr.write(`Installing schemathesis ${version} into ${tools} …\n`);
  await run('python3', ['-m', 'venv', tools]);
  await run(path.join(tools, 'bin', 'pip'), ['install', '-q', `schemathesis==${version}`]);
  return program;
}

interface Known {
  readonly asked: string;
  /** Is there to be dismissed. */
  readonly dismissed: string;
  readonly signature: string;
}

/** Ids that exist, so that not every answer is a 404. */
function configuration(jobs: Known): string {
  return `[parameters]
"path.processId" = "echo"
"path.jobId" = "${jobs.asked}"
"path.signature" = "${jobs.signature}"
"path.fileName" = "item.json"
"path.outputId" = "statistics"

[[operations]]
include-name = "DELETE /jobs/{jobId}"
parameters = { "path.jobId" = "${jobs.dismissed}" }
`;
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      examples: { type: 'string', default: '40' },
      seed: { type: 'string', default: '' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const program = await installed();
  const folder = await mkdtemp(path.join(tmpdir(), 'cloudmask-fuzz-'));
  try {
    const [asked, dismissed] = [await addFinishedJob(folder), await addFinishedJob(folder)];
    const file = path.join(folder, 'schemathesis.toml');
    const seed = values.seed === '' ? [] : ['--seed', values.seed];
    return await withServer(folder, async (root) => {
      const results = await fetch(`${root}/jobs/${asked}/results`);
      const signature =
        /results\/[^/"]+\/([^/"]+)\/mask\.tif/.exec(await results.text())?.[1] ?? '';
      await writeFile(file, configuration({ asked, dismissed, signature }));
      const options = ['--max-examples', values.examples, '--exclude-checks', excluded, ...seed];
      const how = ['--continue-on-failure', '--no-color', ...options];
      const command = [program, '--config-file', file, 'run', `${root}/api`, ...how];
      return runPlainly(command, folder, (line) => process.stdout.write(`${line}\n`));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withServer(folder: string, use: (root: string) => Promise<number>): Promise<number> {
  const settings = {
    PORT: '0',
    DATA_DIR: folder,
    LOG_LEVEL: 'error',
    MAX_QUEUED_JOBS: '1000000',
  };
  const config = readConfig(settings);
  const app = await startApp(config, createLog(config.logLevel));
  try {
    return await use(app.root);
  } finally {
    await app.stop();
  }
}

process.exitCode = await main(process.argv.slice(2));
