import type { Knex } from 'knex';

/**
 * Whose a job is, and what it asks of the workers. `owner` is `anonymous` where nobody has to say who they are; keys of
 * repeated requests are each owner's own. `priority`: higher first. `cost`: windows that the network has to compute.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jobs', (table) => {
    table.text('owner').notNullable().defaultTo('anonymous');
    table.integer('priority').notNullable().defaultTo(0);
    table.integer('cost').notNullable().defaultTo(1);
    table.dropUnique(['idempotency_key'], 'jobs_idempotency_key');
    table.unique(['owner', 'idempotency_key'], { indexName: 'jobs_owner_idempotency_key' });
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jobs', (table) => {
    table.dropUnique(['owner', 'idempotency_key'], 'jobs_owner_idempotency_key');
    table.unique(['idempotency_key'], { indexName: 'jobs_idempotency_key' });
    table.dropColumns('owner', 'priority', 'cost');
  });
}
