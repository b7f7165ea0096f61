import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KnexJobStore } from '../../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../../src/database/knex-lease-store.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { claimWith } from '../../support/claim.ts';
import { withFolder } from '../../support/folder.ts';
import { ordinary } from '../../support/ordinary-job.ts';

it('a claim begins at 0 percent, whatever an earlier attempt had reached', () =>
  withFolder(async (folder) => {
    const database = await openDatabase(join(folder, 'jobs.sqlite'));
    const store = new KnexJobStore(database, () => new Date());
    await store.add({
      ...ordinary,
      id: 'x',
      processId: 'echo',
      request: { inputs: {}, outputs: {} },
    });
    const leases = new KnexLeaseStore(database, () => new Date());
    await database('jobs').update({ attempt: 1, progress: 80 });
    expect(await leases.claim(claimWith('token'))).toMatchObject({ attempt: 2, progress: 0 });
    await database.destroy();
  }));
