/**
 * Hostile products against the real server: submitted over HTTP as a user would, with a web server that the operator trusts
 * and a trap that nobody may call. What happened to each is a row of a table.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from './folder.ts';
import { startTestServer, until, type StatusInfo, type TestServer } from './server.ts';
import { withTrap, type Trap } from './trap.ts';
import { withTreeServer, type TreeOptions, type TreeServer } from './tree-server.ts';

export interface HostileWorld {
  readonly server: TestServer;
  /** Serves `www`. */
  readonly web: TreeServer;
  readonly www: string;
  /** A product root. */
  readonly root: string;
  readonly trap: Trap;
}

export interface HostileCase {
  readonly attack: string;
  /** How the product is named. */
  readonly given: string;
  readonly product?: unknown;
  /** Instead of `product`: its text in the body of the request, whatever it is. */
  readonly text?: string;
  /** What the refusal says; `masked` for a control; `any` where a mask and a refusal are both right. */
  readonly ends: RegExp | 'masked' | 'any';
  /** A kind of failure that is right besides those of users' faults. */
  readonly kind?: string;
}

export interface WorldOptions {
  readonly web?: TreeOptions['first'];
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Longest time that any case may take from its start to its end: a refusal takes one second, a mask of the corpus two, a
 * server that never ends what it sends as long as JOB_MINUTES allows.
 */
const mostSeconds = 90;
const shownMessage = 150;

/** A world in folders of its own; when `use` is over, nothing may be left in scratch and nobody may have called the trap. */
export async function withHostileWorld(
  options: WorldOptions,
  use: (world: HostileWorld) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const [www, root] = [join(folder, 'www'), join(folder, 'root')];
    await mkdir(www);
    await mkdir(root);
    await withTrap(async (trap) => {
      const first = options.web === undefined ? {} : { first: options.web };
      await withTreeServer(www, first, async (web) => {
        const settings = {
          PRODUCT_ROOTS: root,
          OUTBOUND_TRUSTED_ORIGINS: web.origin,
          // Only the address stands between a user and the trap.
          OUTBOUND_HOSTS: '*',
          OUTBOUND_PORTS: `443,${trap.port}`,
          MAX_RUNNING_JOBS: '2',
          ...options.settings,
        };
        const server = await startTestServer({ settings });
        try {
          await use({ server, web, www, root, trap });
        } finally {
          await server.close();
        }
      });
    });
  });
}

/** One row of the table. */
export interface Row {
  readonly attack: string;
  readonly given: string;
  readonly happened: string;
  /** Empty where all is as it should be. */
  readonly fault: string;
}

/** Submits all cases, waits for their ends, prints the table. @returns the rows that are not as they should be */
export async function faultsOf(world: HostileWorld, cases: readonly HostileCase[]): Promise<Row[]> {
  const submitted: (readonly [HostileCase, Submitted])[] = [];
  for (const one of cases) submitted.push([one, await submit(world, one)]);
  const rows: Row[] = [];
  for (const [one, answer] of submitted) {
    const end = typeof answer === 'string' ? await endOf(world, answer) : answer;
    const happened = `${end.kind}: ${end.message}`.replaceAll(world.web.origin, 'http://trusted');
    rows.push({ attack: one.attack, given: one.given, happened, fault: faultOf(end, one) });
  }
  rows.push(await rowOfWorld(world));
  process.stdout.write(`\nattack × how given × what happened\n${rows.map(lineOf).join('\n')}\n`);
  return rows.filter(({ fault }) => fault !== '');
}

interface End {
  /** `400`, `masked`, or the kind of the failure. */
  readonly kind: string;
  readonly message: string;
  readonly seconds: number;
}

type Submitted = string | End;

/** A text is not parsed on the way: it may be nested deeper than a parser of the test could bear. */
async function submit(
  { server }: HostileWorld,
  { product, text }: HostileCase,
): Promise<Submitted> {
  const started = performance.now();
  const answer = await fetch(`${server.app.address}/processes/senseiv2-cloudmask/execution`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: `{"inputs":{"product":${text ?? JSON.stringify(product)},"stride":512},"outputs":{"statistics":{}}}`,
  });
  const seconds = (performance.now() - started) / 1000;
  const { jobID, detail } = (await answer.json()) as { jobID?: string; detail?: string };
  if (answer.status === 201 && jobID !== undefined) return jobID;
  return { kind: String(answer.status), message: String(detail), seconds };
}

async function endOf({ server }: HostileWorld, jobId: string): Promise<End> {
  for (;;) {
    const { body } = await server.request.get(`/jobs/${jobId}`);
    const status = body as StatusInfo;
    const seconds =
      (Date.parse(String(status['finished'])) - Date.parse(String(status['started']))) / 1000;
    if (status.status === 'successful') return { kind: 'masked', message: '', seconds };
    if (status.status === 'failed') {
      const answer = await server.request.get(`/jobs/${jobId}/results`);
      const { type } = answer.body as { type: string };
      return { kind: type.split(':').at(-1) ?? '', message: status.message, seconds };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function faultOf({ kind, message, seconds }: End, one: HostileCase): string {
  const { ends } = one;
  if (!(seconds < mostSeconds)) return `took ${seconds} s`;
  if (/CANARY|\/tmp\/|\/scratch\/|\bat .*\.ts:/.test(message)) return 'tells what it must not';
  if (kind === 'masked') return ends instanceof RegExp ? 'was masked' : '';
  if (!isFaultOfInput(kind, one) || message === '') return 'did not end as a fault of the input';
  if (ends === 'masked') return 'was refused';
  return ends === 'any' || ends.test(message) ? '' : `does not say ${String(ends)}`;
}

function isFaultOfInput(kind: string, one: HostileCase): boolean {
  return ['400', '413', 'bad-input', 'transfer-failed', one.kind].includes(kind);
}

/** What is left when all have ended: nobody called, nothing lies about, the server answers. */
async function rowOfWorld({ server, trap, web }: HostileWorld): Promise<Row> {
  const scratch = join(server.dataDirectory, 'scratch');
  await until(async () => (await readdir(scratch)).length === 0, 'scratch is empty');
  const { status } = await server.request.get('/healthz');
  const around = (await readdir(server.dataDirectory)).filter((name) => name.includes('-old-'));
  const hasCanary = server.log().includes('CANARY');
  const faults = [
    ...trap.hits.map((hit) => `the trap was called: ${hit}`),
    ...(status === 200 ? [] : [`/healthz answers ${status}`]),
    ...around.map((name) => `${name} is left`),
    ...(hasCanary ? ['the log holds what was read outside'] : []),
  ];
  const happened = `trap hits ${trap.hits.length}; scratch empty; /healthz ${status}; trusted requests ${web.asked.length}`;
  return { attack: 'all of these', given: '', happened, fault: faults.join('; ') };
}

function lineOf({ attack, given, happened, fault }: Row): string {
  const short = happened.length > shownMessage ? `${happened.slice(0, shownMessage)}…` : happened;
  const line = `${attack.padEnd(44)} ${given.padEnd(12)} ${short}`;
  return fault === '' ? line : `${line}  !!! ${fault}`;
}
