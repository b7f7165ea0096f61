import type { Knex } from 'knex';

/** The table of jobs. Times are ISO 8601 text in UTC; `request`, `failure` and `result` are JSON text. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('jobs', (table) => {
    table.text('id').primary();
    table.text('process_id').notNullable();
    table
      .text('status')
      .notNullable()
      .checkIn(['accepted', 'running', 'successful', 'failed', 'dismissed']);
    table.text('request').notNullable();
    table.integer('attempt').notNullable().defaultTo(0);
    table.text('lease_token');
    table.integer('progress').notNullable().defaultTo(0);
    table.text('message').notNullable();
    table.text('failure');
    table.text('result');
    table.text('created').notNullable();
    table.text('started');
    table.text('finished');
    table.text('updated').notNullable();
    table.text('expired');
    table.index(['created', 'id'], 'jobs_created_id');
    table.index(['status', 'created'], 'jobs_status_created');
    table.index(['finished'], 'jobs_finished');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('jobs');
}
