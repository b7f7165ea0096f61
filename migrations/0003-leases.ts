import type { Knex } from 'knex';

/**
 * Attempts that may be lost and taken up again, secrets that live as long as a job does, and keys of repeated requests.
 * `lease_until_ms` (ms since 1970): with a token, until when its holder answers for the attempt; without one, when the
 * next attempt may begin. `secrets` is sealed text.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jobs', (table) => {
    table.text('worker');
    table.bigInteger('lease_until_ms');
    table.integer('lost_attempts').notNullable().defaultTo(0);
    table.text('secrets');
    table.text('idempotency_key');
    table.text('request_digest');
    table.unique(['idempotency_key'], { indexName: 'jobs_idempotency_key' });
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jobs', (table) => {
    table.dropUnique(['idempotency_key'], 'jobs_idempotency_key');
    table.dropColumns(
      'worker',
      'lease_until_ms',
      'lost_attempts',
      'secrets',
      'idempotency_key',
      'request_digest',
    );
  });
}
