/** Addresses that lead where this server must not go: given, redirected to, or hidden in an Item. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  faultsOf,
  withHostileWorld,
  type HostileCase,
  type HostileWorld,
} from '../support/hostile-world.ts';
import { sentinel2Item, type TestItem } from '../support/stac-item.ts';

const notAllowed = /address not allowed|address is not allowed/;

/** This machine, and places that only machines inside reach, in every spelling. */
const insideHosts = [
  '127.0.0.1',
  '127.1',
  '0',
  '2130706433',
  '0x7f.1',
  '0177.0.0.1',
  '①②⑦.0.0.1',
  'localhost',
  'LocalHost.',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '169.254.169.254',
  '100.64.0.1',
  '10.0.0.1',
  '[fe80::1]',
  '[fd00::1]',
];

function given({ trap, web }: HostileWorld): HostileCase[] {
  const inside = insideHosts.map((host) => `https://${host}:${trap.port}/product.zip`);
  const trusted = new URL(web.origin);
  const addresses = [
    ...inside,
    `http://127.0.0.1:${trap.port}/product.zip`,
    `http://${trusted.host}@127.0.0.1:${trap.port}/product.zip`,
    `https://${trusted.host}@127.0.0.1:${trap.port}/product.zip`,
    `http://127.0.0.1:${trap.port}#@${trusted.host}/product.zip`,
    `http://127.0.0.1:${trap.port}\\@${trusted.host}/product.zip`,
    `http://user:secret@${trusted.host}/product.zip`,
    `https://${trusted.host}/product.zip`,
    `http://${trusted.hostname}:80/product.zip`,
  ];
  const schemes = ['file:///etc/passwd', 'ftp://127.0.0.1/x', 'gopher://127.0.0.1:1/x', 'data:,x'];
  const local = [`/vsicurl/http://127.0.0.1:${trap.port}/x`, '/etc/passwd', '../../etc/passwd'];
  const absent = /there is no such product/;
  return [
    ...addresses.map((product) => ({
      attack: shortOf(product),
      given: 'address',
      product,
      ends: notAllowed,
    })),
    ...schemes.map((product) => ({
      attack: product,
      given: 'address',
      product: { href: product },
      ends: /found an address with/,
    })),
    ...local.map((product) => ({ attack: product, given: 'path', product, ends: absent })),
  ];
}

const shortOf = (address: string): string => address.replace(/\d{4,5}\b/g, 'trap');

const jumps = [301, 302, 303, 307, 308];

/** Redirects of the trusted server: `/to/<status>/<address>`, `/chain/<hops>/<address>`, `/later/<address>`. */
function redirects(request: IncomingMessage, response: ServerResponse): boolean {
  const [, how, detail = '', rest] =
    /^\/(to|chain|later)\/([^/]+)\/(.*)$/.exec(request.url ?? '') ?? [];
  if (rest === undefined) return false;
  const target = decodeURIComponent(rest.split('.zip')[0] ?? '');
  const hops = Number(detail);
  const isLater = how === 'later' && request.headers.range === undefined;
  if (isLater) {
    // What comes first looks like a zip.
    response.writeHead(200, { ETag: '"1"' }).end(Buffer.from('PK\u0003\u0004'.padEnd(600)));
    return true;
  }
  const next = how === 'chain' && hops > 0 ? `/chain/${hops - 1}/${rest}` : target;
  response.writeHead(how === 'to' ? hops : 302, { Location: next }).end();
  return true;
}

function redirected({ trap, web }: HostileWorld): HostileCase[] {
  const at = (how: string, target: string): string =>
    `${web.origin}/${how}/${encodeURIComponent(target)}.zip`;
  const http = `http://127.0.0.1:${trap.port}/`;
  const cases = [
    ...jumps.map((status) => [`redirect ${status}`, at(`to/${status}`, http)]),
    // A header has no characters beyond Latin-1.
    ...insideHosts
      .filter((host) => !host.includes('①'))
      .map((host) => [`redirect to ${host}`, at('to/302', `http://${host}:${trap.port}/`)]),
    ['redirect to https', at('to/302', `https://127.0.0.1:${trap.port}/`)],
    ['redirect to a file', at('to/302', 'file:///etc/passwd')],
    ['redirect to a user', at('to/302', `http://a:b@${new URL(web.origin).host}/`)],
    ['redirect without a scheme', at('to/302', `//127.0.0.1:${trap.port}/`)],
    ['redirect to what is no address', at('to/302', 'http://[')],
    ['two redirects, then the trap', at('chain/1', http)],
    ['a redirect of the second request', at('later/x', http)],
  ];
  const chain = {
    attack: 'a chain of redirects',
    given: 'address',
    ends: /redirected more than 3/,
  };
  return [
    ...cases.map(([attack = '', product]) => ({
      attack,
      given: 'address',
      product,
      ends: notAllowed,
    })),
    { ...chain, product: at('chain/9', `${web.origin}/x`) },
  ];
}

/** An Item on the trusted server, changed by an attack. */
type ItemAttack = readonly [string, (item: TestItem, trap: string) => void, RegExp?];

const blue = (item: TestItem, href: string): void => {
  item.assets['blue'] = { ...item.assets['blue'], href };
};

const inItems: readonly ItemAttack[] = [
  ['an asset at the trap', (item, trap) => blue(item, `https://${trap}/b.jp2`)],
  ['an asset at the trap, http', (item, trap) => blue(item, `http://${trap}/b.jp2`)],
  [
    'an asset at localhost',
    (item, trap) => blue(item, `https://localhost:${trap.split(':')[1]}/b.jp2`),
  ],
  ['an asset with a user', (item, trap) => blue(item, `https://data.example@${trap}/b.jp2`)],
  ['an asset that is a file', (item) => blue(item, 'file:///etc/passwd'), /not accepted/],
  [
    'an asset for GDAL',
    (item, trap) => blue(item, `/vsicurl/http://${trap}/b.jp2`),
    /not accepted/,
  ],
  [
    'an asset for GDAL, by scheme',
    (item, trap) => blue(item, `vsicurl:http://${trap}/b.jp2`),
    /not accepted/,
  ],
  ['an asset without a scheme', (item, trap) => blue(item, `//${trap}/b.jp2`)],
  [
    'metadata at the trap',
    (item, trap) => (item.assets['product_metadata'] = { href: `https://${trap}/MTD.xml` }),
  ],
  [
    'links to the trap, which nobody follows',
    (item, trap) =>
      (item.links = ['self', 'root', 'next'].map((rel) => ({ rel, href: `http://${trap}/` }))),
    /not found/,
  ],
  [
    'pictures at the trap, which nobody needs',
    (item, trap) =>
      (item.assets['thumbnail'] = { href: `http://${trap}/t.png`, type: 'image/png' }),
    /not found/,
  ],
];

async function hidden({ trap, web, www }: HostileWorld): Promise<HostileCase[]> {
  const cases: HostileCase[] = [];
  const host = `127.0.0.1:${trap.port}`;
  for (const [index, [attack, change, ends = notAllowed]] of inItems.entries()) {
    const item = JSON.parse(
      JSON.stringify(sentinel2Item()).replaceAll('https://data.example', web.origin),
    ) as TestItem;
    change(item, host);
    await writeFile(join(www, `item-${index}.json`), JSON.stringify(item));
    cases.push({ attack, given: 'Item by URL', product: `${web.origin}/item-${index}.json`, ends });
    const inline = { given: 'Item inline', product: { value: item } };
    const isRelative = attack === 'an asset without a scheme';
    cases.push({ attack, ...inline, ends: isRelative ? /relative href/ : ends });
  }
  return cases;
}

it('addresses that lead inside are refused, and nobody is called', async () => {
  await withHostileWorld({ web: redirects }, async (world) => {
    const cases = [...given(world), ...redirected(world), ...(await hidden(world))];
    expect(await faultsOf(world, cases)).toEqual([]);
  });
});
