import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { openDatabase } from '../../src/database/open.ts';
import { SqliteReader } from '../../src/database/sqlite-reader.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { jobStoreContract } from '../support/job-store-contract.ts';

for (const isRead of [false, true]) {
  jobStoreContract(isRead ? 'SQLite with a reader' : 'SQLite', async (now) => {
    const folder = await temporaryDataFolder();
    const file = join(folder, 'jobs.sqlite');
    const database = await openDatabase(file);
    const reader = isRead ? new SqliteReader(file) : undefined;
    return {
      store: new KnexJobStore(database, now, reader),
      async close() {
        reader?.close();
        await database.destroy();
        await rm(folder, { recursive: true });
      },
    };
  });
}
