/** Products from wherever users keep them: each gives the mask of its folder, and only what is needed is brought. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import gdal from 'gdal-async';
import { expect, it } from 'vitest';
import { withCountingProxy, type CountingProxy } from '../support/counting-proxy.ts';
import { s3Program, withS3Server, type S3Server } from '../support/s3-server.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { startTestServer, type StatusInfo, type TestServer } from '../support/server.ts';
import { withTreeServer, type TreeServer } from '../support/tree-server.ts';

const safe = 'S2A_MSIL1C_20170729T153601_N0510_R111_T19UDP_20240120T125244.SAFE';
const landsat = 'LC09_L1TP_016037_20220819_20230401_02_T1';
const s2Folder = sharedPath('products', 's2-l1c', safe);
const landsatFolder = sharedPath('products', 'landsat', landsat);
/** Where the eodata tree has it. */
const place = 'Sentinel-2/MSI/L1C/2017/07/29';

interface Row {
  readonly source: string;
  readonly outcome: string;
  /** What the user heard last of its transfer. */
  readonly told: string;
  readonly requests: number;
  readonly kilobytes: number;
}

/** Everything that a test of this file needs, for as long as its tests run. */
interface World {
  readonly server: TestServer;
  readonly web: TreeServer;
  readonly folder: string;
}

interface Made {
  /** Checksum of the mask's pixels; the reason where there is none. */
  readonly mask: string;
  /** What was told on the way of what is brought. */
  readonly told: readonly string[];
}

/** What the server makes of a product. */
async function make({ server }: World, product: unknown): Promise<Made> {
  const answer = await server.request.post('/processes/senseiv2-cloudmask/execution').send({
    inputs: { product, stride: 512 },
    outputs: { cloud_mask: { transmissionMode: 'reference' } },
    response: 'document',
  });
  if (answer.status !== 201) return { mask: `${answer.status} ${answer.body.detail}`, told: [] };
  const { jobID } = answer.body as StatusInfo;
  for (;;) {
    const status = (await server.request.get(`/jobs/${jobID}`)).body as StatusInfo;
    if (status.status === 'failed') return { mask: `failed: ${status.message}`, told: [] };
    if (status.status === 'successful') break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { body } = await server.request.get(`/jobs/${jobID}/results`);
  const { cloud_mask: mask } = body as Record<string, { readonly href: string }>;
  const { logs } = (await server.request.get(`/jobs/${jobID}/logs`)).body as {
    readonly logs: readonly { readonly message: string }[];
  };
  const told = logs.map(({ message }) => message).filter((text) => text.startsWith('Bringing '));
  return { mask: await pixelsOf(mask?.href ?? ''), told };
}

/** Checksum of all pixels of a raster: tags may name different products. */
async function pixelsOf(url: string): Promise<string> {
  const dataset = await gdal.openAsync(`/vsicurl/${url}`);
  const { x, y } = dataset.rasterSize;
  const pixels = await dataset.bands.get(1).pixels.readAsync(0, 0, x, y);
  dataset.close();
  return createHash('sha256').update(pixels).digest('hex');
}

async function makeArchives(folder: string): Promise<void> {
  const run = (program: string, args: readonly string[]): void =>
    void execFileSync(program, args, { cwd: folder });
  await cp(s2Folder, join(folder, safe), { recursive: true });
  await cp(landsatFolder, join(folder, landsat), { recursive: true });
  run('tar', ['cf', 's2.tar', safe]);
  run('tar', ['czf', 's2.tar.gz', safe]);
  run('tar', ['cf', 'landsat.tar', '-C', landsat, '.']);
  run('python3', ['-c', `import shutil; shutil.make_archive('s2', 'zip', '.', '${safe}')`]);
}

async function withWorld(use: (world: World, s3: CountingProxy | undefined) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'cloudmask-sources-'));
  try {
    await makeArchives(folder);
    const buckets = join(folder, 'buckets');
    await cp(s2Folder, join(buckets, 'eodata', place, safe), { recursive: true });
    await cp(join(folder, 's2.zip'), join(buckets, 'eodata', 'archives', 's2.zip'), {
      recursive: true,
    });
    const roots = join(folder, 'roots');
    await cp(landsatFolder, join(roots, 'Landsat-9/OLI_TIRS/L1TP/2022/08/19', landsat), {
      recursive: true,
    });
    await cp(join(folder, 's2.tar.gz'), join(roots, 's2.tar.gz'));
    await cp(sharedPath('products', 'stac', 'made'), join(folder, 'stac', 'made'), {
      recursive: true,
    });
    await cp(sharedPath('products', 's2-l1c', safe), join(folder, 's2-l1c', safe), {
      recursive: true,
    });
    await cp(landsatFolder, join(folder, 'landsat', landsat), { recursive: true });
    await withTreeServer(folder, {}, async (web) => {
      const serve = async (s3?: S3Server, proxy?: CountingProxy): Promise<void> => {
        const file = join(folder, 'buckets.json');
        await writeFile(
          file,
          JSON.stringify(
            s3 === undefined ? {} : bucketsOf({ ...s3, endpointUrl: proxy?.url ?? '' }),
          ),
        );
        const server = await startTestServer({
          settings: {
            PRODUCT_ROOTS: `${roots}:${sharedPath('products')}`,
            S3_BUCKETS_FILE: file,
            OUTBOUND_TRUSTED_ORIGINS: web.origin,
          },
        });
        try {
          await use({ server, web, folder }, proxy);
        } finally {
          await server.close();
        }
      };
      if (s3Program() === undefined) await serve();
      else
        await withS3Server(buckets, ['eodata'], (s3) =>
          withCountingProxy(s3.endpointUrl, (proxy) => serve(s3, proxy)),
        );
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const bucketsOf = ({ endpointUrl, accessKeyId, secretAccessKey }: S3Server): object => ({
  eodata: {
    endpoint_url: endpointUrl,
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
    archive_prefix: '',
  },
});

/** As archives have it: each asset behind a login, and in a bucket. */
function itemWithTwoPlaces(item: object, origin: string): unknown {
  const made = JSON.parse(JSON.stringify(item)) as { assets: Record<string, { href: string }> };
  const assets = Object.entries(made.assets).map(([key, asset]) => {
    const path = asset.href.replace(/^.*\.SAFE\//, '');
    const s3 = { href: `s3://eodata/${place}/${safe}/${path}` };
    return [key, { ...asset, href: `${origin}/login/${path}`, alternate: { s3 } }];
  });
  return { ...made, assets: Object.fromEntries(assets) };
}

/** The made Item leaves the quality band out, which the folder has. */
async function addQualityBand(file: string): Promise<void> {
  const item = JSON.parse(await readFile(file, 'utf8')) as { assets: Record<string, object> };
  const href = `../../landsat/${landsat}/${landsat}_QA_PIXEL.TIF`;
  item.assets['qa_pixel'] = { href, type: 'image/tiff' };
  await writeFile(file, JSON.stringify(item));
}

describeWithShared('products/stac/made', 'products from elsewhere', () => {
  it('give the mask of their folder; a source is asked for what is needed, once', async () => {
    await withWorld(async (world, s3) => {
      const { web, server } = world;
      const wanted = {
        s2: (await make(world, s2Folder)).mask,
        landsat: (await make(world, landsatFolder)).mask,
      };
      expect(wanted.s2).toMatch(/^[0-9a-f]{64}$/);
      await addQualityBand(join(world.folder, 'stac/made/landsat-l1-names-like-usgs.json'));
      const item = JSON.parse(
        await readFile(join(world.folder, 'stac/made/s2-l1c-names-like-cdse.json'), 'utf8'),
      ) as { links?: object[] };
      const inline = {
        ...item,
        links: [{ rel: 'self', href: `${web.origin}/stac/made/item.json` }],
      };
      const name = safe.replace('.SAFE', '');
      const twoPlaces = { value: itemWithTwoPlaces(item, web.origin) };
      const sources: readonly (readonly [source: string, product: unknown, mask: string])[] = [
        ['zip at an address', `${web.origin}/s2.zip`, wanted.s2],
        ['tar at an address', `${web.origin}/s2.tar`, wanted.s2],
        ['tar.gz at an address, as a link', { href: `${web.origin}/s2.tar.gz` }, wanted.s2],
        ['Landsat tar at an address', `${web.origin}/landsat.tar`, wanted.landsat],
        [
          'STAC Item like Earth Search',
          `${web.origin}/stac/made/s2-l1c-names-like-earth-search.json`,
          wanted.s2,
        ],
        [
          'STAC Item like USGS',
          `${web.origin}/stac/made/landsat-l1-names-like-usgs.json`,
          wanted.landsat,
        ],
        ['STAC Item in the request', { value: inline }, wanted.s2],
        ['tar.gz below a root', 's2.tar.gz', wanted.s2],
        ['name in a tree of folders', landsat, wanted.landsat],
        ...(s3 === undefined
          ? []
          : ([
              ['s3:// SAFE folder', `s3://eodata/${place}/${safe}`, wanted.s2],
              ['s3:// folder without .SAFE', `s3://eodata/${place}/${name}/`, wanted.s2],
              ['s3:// zip', 's3://eodata/archives/s2.zip', wanted.s2],
              ['name in an archive of a bucket', name, wanted.s2],
              ['STAC Item with s3:// beside a login', twoPlaces, wanted.s2],
            ] as const)),
      ];
      const rows: Row[] = [];
      for (const [source, product, mask] of sources) {
        web.forget();
        s3?.forget();
        const made = await make(world, product);
        rows.push({
          source,
          outcome: made.mask === mask ? 'equal to the folder' : made.mask,
          told: made.told.at(-1)?.replace(/^Bringing \S.*: /, '') ?? '',
          requests: web.asked.length + (s3?.requests ?? 0),
          kilobytes: Math.round((web.sent() + (s3?.bytes ?? 0)) / 1000),
        });
        expect(web.asked.filter((line) => /login|TCI|PVI|QI_DATA|_B12.*_B12/.test(line))).toEqual(
          [],
        );
      }
      console.table(rows);
      expect(rows.filter(({ outcome }) => outcome !== 'equal to the folder')).toEqual([]);
      // What lies in a folder of this machine is not brought.
      const silent = rows.filter(({ told }) => !/^\d+ MB( of \d+ MB)?$/.test(told));
      expect(silent.map(({ source }) => source)).toEqual(['name in a tree of folders']);
      expect(await readdir(join(server.dataDirectory, 'scratch'))).toEqual([]);
    });
  });
});
