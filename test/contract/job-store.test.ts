import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { openDatabase } from '../../src/database/open.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { jobStoreContract } from '../support/job-store-contract.ts';

jobStoreContract('SQLite', async (now) => {
  const folder = await temporaryDataFolder();
  const database = await openDatabase(join(folder, 'jobs.sqlite'));
  return {
    store: new KnexJobStore(database, now),
    async close() {
      await database.destroy();
      await rm(folder, { recursive: true });
    },
  };
});
