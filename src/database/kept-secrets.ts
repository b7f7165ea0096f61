import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';

/** A secret that is made once and kept in the database: the same for all servers and workers of it. */
export async function databaseSecret(database: Knex, name: string): Promise<string> {
  const made = { name, value: randomBytes(32).toString('base64url') };
  await database('kept_secrets').insert(made).onConflict('name').ignore();
  const kept = await database<typeof made>('kept_secrets').where({ name }).first();
  if (kept === undefined) throw new Error('An insert leaves a row.');
  return kept.value;
}
