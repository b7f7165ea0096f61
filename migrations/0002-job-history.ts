import type { Knex } from 'knex';

/** When computing began and how long it took, as numbers: what duration filters compare. */
async function addDurations(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jobs', (table) => {
    table.bigInteger('started_ms');
    table.bigInteger('duration_ms');
  });
  const rows = await knex('jobs').select('id', 'started', 'finished').whereNotNull('started');
  for (const { id, started, finished } of rows as Record<string, string | null>[]) {
    const startedMs = Date.parse(started ?? '');
    const durationMs = finished == null ? null : Date.parse(finished) - startedMs;
    await knex('jobs').where({ id }).update({ started_ms: startedMs, duration_ms: durationMs });
  }
}

/**
 * Filters of the list of jobs, what happened to each job, and messages that must leave the system.
 * Times are ISO 8601 text in UTC; `outbox.job` is JSON text: the job as it was at the event.
 */
export async function up(knex: Knex): Promise<void> {
  await addDurations(knex);
  await knex.schema.alterTable('jobs', (table) => {
    // The times stand in the indexes so that a filter by them reads no rows that it does not want.
    const times = ['created', 'id', 'started_ms', 'duration_ms'];
    table.index(['status', ...times], 'jobs_by_status');
    table.index(['process_id', 'status', ...times], 'jobs_by_process');
    table.dropIndex(['status', 'created'], 'jobs_status_created');
  });
  await knex.schema.createTable('job_log', (table) => {
    table.increments('id');
    table.text('job_id').notNullable().references('jobs.id').onDelete('CASCADE');
    table.text('time').notNullable();
    table.text('message').notNullable();
    table.index(['job_id', 'id'], 'job_log_job');
  });
  await knex.schema.createTable('outbox', (table) => {
    table.text('id').primary();
    table.text('job_id').notNullable().references('jobs.id').onDelete('CASCADE');
    table.text('url').notNullable();
    table.text('job').notNullable();
    table.integer('tries').notNullable().defaultTo(0);
    table.text('created').notNullable();
    table.text('next_try').notNullable();
    table.index(['next_try'], 'outbox_next_try');
    table.index(['job_id'], 'outbox_job');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('outbox');
  await knex.schema.dropTable('job_log');
  await knex.schema.alterTable('jobs', (table) => {
    table.index(['status', 'created'], 'jobs_status_created');
    table.dropIndex([], 'jobs_by_process');
    table.dropIndex([], 'jobs_by_status');
    table.dropColumns('started_ms', 'duration_ms');
  });
}
