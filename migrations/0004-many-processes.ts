import type { Knex } from 'knex';

/** Columns that are compared as text: times in ISO 8601, and ids. */
const compared = {
  jobs: ['id', 'created', 'finished'],
  job_log: ['job_id'],
  outbox: ['id', 'job_id', 'next_try'],
};

/**
 * Secrets that all servers of one database have in common. In PostgreSQL texts are compared byte by byte from now on, as
 * SQLite does, whatever language the database was made for.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('kept_secrets', (table) => {
    table.text('name').primary();
    table.text('value').notNullable();
  });
  await collate(knex, '"C"');
}

export async function down(knex: Knex): Promise<void> {
  await collate(knex, '"default"');
  await knex.schema.dropTable('kept_secrets');
}

async function collate(knex: Knex, collation: string): Promise<void> {
  if ((knex.client as { dialect: string }).dialect !== 'postgresql') return;
  for (const [table, columns] of Object.entries(compared))
    for (const column of columns)
      await knex.raw(`alter table ${table} alter column ${column} type text collate ${collation}`);
}
