import type { Knex } from 'knex';

/**
 * Whose a job is, and what it asks of the workers. `owner` is `anonymous` where nobody has to say who they are; keys of
 * repeated requests are each owner's own, and so is the list of jobs: its indexes begin with the owner. `priority`: higher
 * first. `cost`: windows that the network has to compute.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jobs', (table) => {
    table.text('owner').notNullable().defaultTo('anonymous');
    table.integer('priority').notNullable().defaultTo(0);
    table.integer('cost').notNullable().defaultTo(1);
    table.dropUnique(['idempotency_key'], 'jobs_idempotency_key');
    table.unique(['owner', 'idempotency_key'], { indexName: 'jobs_owner_idempotency_key' });
    const times = ['created', 'id', 'started_ms', 'duration_ms'];
    table.index(['owner', 'created', 'id'], 'jobs_of_owner');
    table.index(['owner', 'status', ...times], 'jobs_of_owner_by_status');
    table.index(['owner', 'process_id', 'status', ...times], 'jobs_of_owner_by_process');
    table.dropIndex(['created', 'id'], 'jobs_created_id');
    table.dropIndex([], 'jobs_by_process');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jobs', (table) => {
    const times = ['created', 'id', 'started_ms', 'duration_ms'];
    table.index(['created', 'id'], 'jobs_created_id');
    table.index(['process_id', 'status', ...times], 'jobs_by_process');
    for (const name of ['jobs_of_owner', 'jobs_of_owner_by_status', 'jobs_of_owner_by_process'])
      table.dropIndex([], name);
    table.dropUnique(['owner', 'idempotency_key'], 'jobs_owner_idempotency_key');
    table.unique(['idempotency_key'], { indexName: 'jobs_idempotency_key' });
    table.dropColumns('owner', 'priority', 'cost');
  });
}
