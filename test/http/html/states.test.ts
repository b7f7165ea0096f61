/** Pages of jobs in every state hold what the JSON says, errors included. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOddServer, type OddServer } from '../../support/jobs-of-every-kind.ts';
import { factsOf, hrefsOf, linksIn, wordsOf } from '../../support/page-text.ts';

let odd: OddServer;
beforeAll(async () => {
  odd = await startOddServer();
});
afterAll(() => odd.close());

/** What the page at an address lacks of its JSON; a page has the status of its document. */
async function lackOf(address: string): Promise<unknown> {
  const { server } = odd;
  const json = await server.request.get(address).set('Accept', 'application/json');
  const page = await server.request.get(address).set('Accept', 'text/html').expect(json.status);
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  const words = wordsOf(page.text);
  const found = new Set(linksIn(page.text).map((href) => new URL(href, server.root).href));
  const isIn = (fact: unknown): boolean =>
    words.includes(String(fact)) || words.includes(String(fact).replace(server.root, ''));
  return {
    facts: factsOf(json.body).filter((fact) => !isIn(fact)),
    links: hrefsOf(json.body).filter((href) => !found.has(href)),
  };
}

const states = ['failed', 'expired', 'dismissed', 'delivered', 'waiting'] as const;
const nothing = { facts: [], links: [] };

describe('the page of a job', () => {
  it.each(states)('that is %s holds every fact and every link', async (state) => {
    expect(await lackOf(`/jobs/${odd.jobs[state]}`)).toEqual(nothing);
  });

  it.each(states)(
    'that is %s: so does that of its results, or why there are none',
    async (state) => {
      expect(await lackOf(`/jobs/${odd.jobs[state]}/results`)).toEqual(nothing);
    },
  );

  it('that runs shows its stages: what is done, what is under way', async () => {
    const { text } = await odd.server.request.get(`/jobs/${odd.jobs.running}?f=html`).expect(200);
    const stages = /<ol class="stages"[\s\S]*?<\/ol>/.exec(text)?.[0] ?? '';
    expect(stages).toMatch(/<b>Accepted<span class="sr">, done/);
    expect(stages).toMatch(/, now<\/span>/);
  });
});

describe('the list of jobs', () => {
  it.each([
    'status=failed,dismissed',
    'processID=senseiv2-cloudmask',
    'status=failed&processID=echo',
  ])('with %s holds every fact and every link', async (query) => {
    expect(await lackOf(`/jobs?${query}`)).toEqual(nothing);
  });

  it('says that there is none like this, and where all are', async () => {
    const { text } = await odd.server.request.get('/jobs?status=failed&processID=echo&f=html');
    expect(text).toContain('No job is like this. <a href="/jobs">Show all jobs</a>.');
  });
});
