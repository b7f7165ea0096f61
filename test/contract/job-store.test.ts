import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../src/database/knex-lease-store.ts';
import { openDatabase } from '../../src/database/open.ts';
import { SqliteReader } from '../../src/database/sqlite-reader.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { jobStoreContract, type Made } from '../support/job-store-contract.ts';
import { leaseStoreContract } from '../support/lease-store-contract.ts';

for (const isRead of [false, true]) {
  const make = async (now: () => Date): Promise<Made> => {
    const folder = await temporaryDataFolder();
    const file = join(folder, 'jobs.sqlite');
    const database = await openDatabase(file);
    const reader = isRead ? new SqliteReader(file) : undefined;
    return {
      store: new KnexJobStore(database, now, reader),
      leases: new KnexLeaseStore(database, now),
      raw: async (id) => JSON.stringify(await database('jobs').where({ id })),
      async close() {
        reader?.close();
        await database.destroy();
        await rm(folder, { recursive: true });
      },
    };
  };
  jobStoreContract(isRead ? 'SQLite with a reader' : 'SQLite', make);
  if (!isRead) leaseStoreContract('SQLite', make);
}
