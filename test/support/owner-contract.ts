/** What every job store keeps from those to whom a job does not belong. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobFilter } from '../../src/jobs/job-store.ts';
import { claimWith } from './claim.ts';
import { request, results, type Made } from './job-store-contract.ts';
import { ordinary } from './ordinary-job.ts';

export function ownerContract(name: string, make: (now: () => Date) => Promise<Made>): void {
  describe(`job store, owners: ${name}`, () => {
    let made: Made;
    beforeEach(async () => {
      made = await make(() => new Date());
    });
    afterEach(() => made.close());

    const add = (owner: string, key?: string) =>
      made.store.add({
        ...ordinary,
        id: randomUUID(),
        processId: 'echo',
        owner,
        request,
        ...(key !== undefined && { repeatable: { key, digest: 'd' } }),
      });

    const list = async (owner: string, filter: JobFilter = {}) => {
      const jobs = await made.store.list({ owner, filter, limit: 100 });
      return jobs.map(({ id }) => id);
    };

    it('nothing that is asked of a job finds it for another owner', async () => {
      const { store } = made;
      const { id } = await add('alice', 'k');
      for (const stranger of ['bob', 'anonymous', 'Alice', 'alice ', '', '%', "' or '1'='1"]) {
        expect(await store.find(id, stranger)).toBeUndefined();
        expect(await store.findSummary(id, stranger)).toBeUndefined();
        expect(await store.log(id, stranger)).toEqual([]);
        expect(await store.dismiss(id, stranger)).toBeUndefined();
        expect(await store.findByKey(stranger, 'k')).toBeUndefined();
        expect(await list(stranger)).toEqual([]);
      }
      expect(await store.find(id, 'alice')).toMatchObject({ owner: 'alice', status: 'accepted' });
      expect(await store.findSummary(id, 'alice')).toMatchObject({ owner: 'alice' });
      expect(await store.log(id, 'alice')).toHaveLength(1);
      expect(await store.findByKey('alice', 'k')).toMatchObject({ job: { id } });
      expect(await store.dismiss(id, 'alice')).toMatchObject({ status: 'dismissed' });
    });

    it.each<[string, JobFilter]>([
      ['without a filter', {}],
      ['by status', { statuses: ['accepted', 'running'] }],
      ['by process', { processIds: ['echo', 'none'] }],
      ['by both', { processIds: ['echo'], statuses: ['accepted'] }],
      ['by time', { created: { from: '2000', to: '2100' } }],
    ])('lists the jobs of their owner only, %s', async (_how, filter) => {
      const own = [await add('alice'), await add('alice')].map(({ id }) => id);
      const other = await add('bob');
      expect((await list('alice', filter)).toSorted()).toEqual(own.toSorted());
      expect(await list('bob', filter)).toEqual([other.id]);
    });

    it('lists by duration the jobs of their owner only', async () => {
      for (const owner of ['alice', 'bob']) {
        const { id } = await add(owner);
        await made.leases.claim(claimWith(owner));
        await made.leases.finish(
          { jobId: id, attempt: 1, token: owner },
          { status: 'successful', results },
        );
        expect(await list(owner, { durationMs: { least: 0 } })).toEqual([id]);
      }
    });

    it('a result link finds its job, whosever it is', async () => {
      const job = await add('alice');
      expect(await made.store.findLinked(job.id)).toEqual(job);
      expect(await made.store.findLinked(randomUUID())).toBeUndefined();
    });
  });
}
