import type { Knex } from 'knex';

/**
 * What decides whose job is next. `owners`: attempts that run, and how many may (all of them where it is empty).
 * `queues`: the waiting jobs of one owner and priority; `waiting_cost` and `virtual_time` are in windows; `is_open` is 1
 * where a job waits and its owner may run one more. They follow from `jobs` and are written together with it.
 */
export async function up(knex: Knex): Promise<void> {
  const isPostgres = (knex.client as { dialect: string }).dialect === 'postgresql';
  // Names are compared byte by byte, as SQLite does.
  const name = isPostgres ? 'text collate "C"' : 'text';
  await knex.schema.createTable('owners', (table) => {
    table.specificType('owner', name).primary();
    table.integer('running').notNullable().defaultTo(0);
    table.integer('max_running');
  });
  await knex.schema.createTable('queues', (table) => {
    table.specificType('owner', name).notNullable();
    table.integer('priority').notNullable();
    table.integer('waiting').notNullable();
    table.bigInteger('waiting_cost').notNullable();
    table.bigInteger('virtual_time').notNullable().defaultTo(0);
    table.integer('is_open').notNullable().defaultTo(0);
    table.primary(['owner', 'priority']);
  });
  if (isPostgres)
    await knex.raw('alter table jobs alter column owner type text collate "C" using owner');
  await addIndexes(knex);
  await fill(knex);
}

/** Those of jobs are partial: what has ended does not make them longer. */
async function addIndexes(knex: Knex): Promise<void> {
  await knex.raw(
    'create index queues_turn on queues (is_open, priority desc, virtual_time, owner)',
  );
  await knex.raw(
    `create index jobs_waiting on jobs (owner, priority desc, created, id) where status = 'accepted'`,
  );
  await knex.raw(
    `create index jobs_waiting_again on jobs (status, lease_token, owner, priority desc, created, id)
      where status = 'running' and lease_token is null`,
  );
}

async function fill(knex: Knex): Promise<void> {
  await knex.raw(
    `insert into owners (owner, running)
     select owner, sum(case when status = 'running' and lease_token is not null then 1 else 0 end)
       from jobs where status in ('accepted', 'running') group by owner`,
  );
  await knex.raw(
    `insert into queues (owner, priority, waiting, waiting_cost, is_open)
     select owner, priority,
            sum(case when status = 'accepted' then 1 else 0 end),
            sum(case when status = 'accepted' then cost else 0 end),
            max(case when status = 'accepted' then 1 else 0 end)
       from jobs where status in ('accepted', 'running') group by owner, priority`,
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index jobs_waiting_again');
  await knex.raw('drop index jobs_waiting');
  await knex.schema.dropTable('queues');
  await knex.schema.dropTable('owners');
}
