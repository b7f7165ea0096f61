/** Deliveries with a fault in between: one row each, of what was done and what happened. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  deliver,
  type Delivery,
  type DeliveryFile,
  type Destination,
} from '../../src/delivery/delivery.ts';
import { withFaultProxy, type Asked, type Fault } from './fault-proxy.ts';
import { trusting } from './outbound.ts';
import { beginUpload, contentOf, ownClient } from './s3-objects.ts';
import type { S3Server } from './s3-server.ts';

export interface FaultCase {
  readonly fault: string;
  /** What happens to a request; absent: nothing. `nth` is how often this case has asked the same before, by method and step. */
  readonly decide?: (asked: Asked, nth: number) => Fault | undefined;
  readonly destination?: Partial<Destination>;
  /** Stopped when this many requests were made. */
  readonly stopAt?: number;
  /** How long nothing may come; absent: as the delivery has it. */
  readonly idleMs?: number;
  /** Left by an attempt that was killed. */
  readonly isAfterKill?: boolean;
  /** Trusted besides the proxy. */
  readonly trusted?: string;
  /** `delivered`, or what the error is called and says. */
  readonly ends: 'delivered' | readonly [name: string, says: RegExp];
}

export interface Row {
  readonly fault: string;
  readonly happened: string;
  readonly requests: number;
  /** Empty where all is as it should be. */
  readonly wrong: string;
}

export const secretOfUser = 'MARKER-secret-key';

/** Step of a multipart upload, or the method alone. */
export function stepOf({ method, query }: Asked): string {
  if (query.has('uploads')) return method === 'POST' ? 'create' : 'list-uploads';
  if (query.has('partNumber')) return 'part';
  if (query.has('uploadId')) return method === 'POST' ? 'complete' : 'abort';
  return method;
}

const MB = 1_000_000;
/** The first needs several parts, the second one request. */
const names = ['mask.tif', 'statistics.json'];

export async function filesFor(folder: string): Promise<readonly DeliveryFile[]> {
  const [mask, statistics] = names.map((name) => join(folder, name)) as [string, string];
  await writeFile(mask, randomBytes(18 * MB));
  await writeFile(statistics, '{"cloud_cover":12.5}');
  return [
    { path: mask, fileName: 'mask.tif', mediaType: 'image/tiff' },
    { path: statistics, fileName: 'statistics.json', mediaType: 'application/json' },
  ];
}

/** Runs one case and looks into the bucket. */
export async function rowOf(
  server: S3Server,
  bucket: string,
  files: readonly DeliveryFile[],
  one: FaultCase,
): Promise<Row> {
  const counts = new Map<string, number>();
  const stopping = new AbortController();
  const decide = (asked: Asked): Fault | undefined => {
    if (asked.before + 1 === one.stopAt) setImmediate(() => stopping.abort());
    const step = stepOf(asked);
    const nth = counts.get(step) ?? 0;
    counts.set(step, nth + 1);
    return one.decide?.(asked, nth);
  };
  return withFaultProxy(server.endpointUrl, decide, async ({ url, asked }) => {
    const jobId = one.fault.replaceAll(/\W+/g, '-');
    const delivery: Delivery = {
      destination: {
        endpointUrl: url,
        bucket,
        accessKey: server.accessKeyId,
        secretKey: server.secretAccessKey,
        ...one.destination,
      },
      jobId,
      attempt: 2,
      policy: trusting(url, ...(one.trusted === undefined ? [] : [one.trusted])),
      retryDelaysMs: [10, 20],
      ...(one.idleMs !== undefined && { idleMs: one.idleMs }),
    };
    const client = ownClient(server);
    if (one.isAfterKill === true) await beginUpload(client, bucket, `${jobId}/mask.tif`);
    const { happened, error } = await outcomeOf(delivery, files, stopping.signal);
    const content = await contentOf(client, bucket, `${jobId}/`);
    const expected = one.ends === 'delivered' ? names.map((name) => `${jobId}/${name}`) : [];
    const wrong = [
      ...(fits(happened, one.ends) ? [] : ['ended otherwise']),
      ...(inspect(content.objects) === inspect(expected)
        ? []
        : [`holds ${inspect(content.objects)}`]),
      ...content.unfinished.map((key) => `unfinished: ${key}`),
      ...(tells(error) ? ['tells what it must not'] : []),
    ];
    return { fault: one.fault, happened, requests: asked.length, wrong: wrong.join('; ') };
  });
}

async function outcomeOf(
  delivery: Delivery,
  files: readonly DeliveryFile[],
  signal: AbortSignal,
): Promise<{ readonly happened: string; readonly error?: unknown }> {
  let percent = 0;
  const progress = (reached: number): void => {
    if (reached < percent || reached > 100) throw new Error(`Progress ${percent} → ${reached}`);
    percent = reached;
  };
  try {
    const delivered = await deliver(delivery, files, { signal, progress });
    return { happened: `delivered ${delivered.map(({ fileName }) => fileName).join(', ')}` };
  } catch (error) {
    return { happened: `${(error as Error).name}: ${(error as Error).message}`, error };
  }
}

function fits(happened: string, ends: FaultCase['ends']): boolean {
  if (ends === 'delivered') return happened === `delivered ${names.join(', ')}`;
  return happened.startsWith(`${ends[0]}: `) && ends[1].test(happened);
}

/** A key, or what a service wrote, in the error or anything that hangs on it. */
function tells(error: unknown): boolean {
  const all = inspect(error, { depth: 20, showHidden: true });
  return /MARKER|operatorssecret|operatorskey|CANARY/.test(all);
}

export function printed(rows: readonly Row[]): string {
  const lines = rows.map(({ fault, happened, requests, wrong }) => {
    const line = `${fault.padEnd(46)} ${String(requests).padStart(4)}  ${happened.replaceAll(/127\.0\.0\.1:\d+/g, 'bucket.example').slice(0, 150)}`;
    return wrong === '' ? line : `${line}  !!! ${wrong}`;
  });
  return `\nfault × requests × what happened\n${lines.join('\n')}\n`;
}
