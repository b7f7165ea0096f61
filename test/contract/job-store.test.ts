import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../src/database/knex-lease-store.ts';
import { SqliteReader } from '../../src/database/sqlite-reader.ts';
import { onEveryDatabase } from '../support/databases.ts';
import { jobStoreContract, type Made } from '../support/job-store-contract.ts';
import { ownerContract } from '../support/owner-contract.ts';
import { leaseStoreContract } from '../support/lease-store-contract.ts';

onEveryDatabase((name, make) => {
  const madeWith =
    (isRead: boolean) =>
    async (now: () => Date): Promise<Made> => {
      const { database, file, close } = await make();
      const reader = isRead && file !== undefined ? new SqliteReader(file) : undefined;
      return {
        store: new KnexJobStore(database, now, { reader }),
        leases: new KnexLeaseStore(database, now),
        raw: async (id) => JSON.stringify(await database('jobs').where({ id })),
        async close() {
          reader?.close();
          await close();
        },
      };
    };
  jobStoreContract(name, madeWith(false));
  ownerContract(name, madeWith(false));
  if (name === 'SQLite') {
    jobStoreContract('SQLite with a reader', madeWith(true));
    ownerContract('SQLite with a reader', madeWith(true));
  }
  leaseStoreContract(name, madeWith(false));
});
