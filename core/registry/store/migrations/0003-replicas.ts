/**
 * What several registries over one database tell each other: the number of the last change, in the order of commits; what
 * was deleted; who serves; and, where there are several, the instances that each of them judges. SQLite has the same tables,
 * those of several registries stay empty there.
 */
import type { Knex } from 'knex'

export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    `insert into counters (name, value) select 'change', value from counters where name = 'revision'`,
  )
  await knex('counters').insert({ name: 'floor', value: 0 })
  await knex.schema.createTable('deletions', table => {
    table.bigInteger('change').notNullable().index()
    table.string('kind', 16).notNullable()
    table.string('key', 128).notNullable()
    table.string('why', 16).notNullable()
    table.string('writer', 32).notNullable()
    table.timestamp('at', { useTz: true }).notNullable().defaultTo(knex.fn.now())
  })
  await knex.schema.createTable('replicas', table => {
    table.string('id', 32).primary()
    table.boolean('is_settled').notNullable()
    table.timestamp('expires_at', { useTz: true }).notNullable()
  })
  await knex.schema.createTable('announced', table => {
    table.string('namespace', 63).notNullable()
    table.string('name', 63).notNullable()
    table.integer('generation').notNullable()
    table.string('digest', 71).notNullable()
    table.string('at', 32).notNullable()
    table.bigInteger('change').notNullable().index()
    table.primary(['namespace', 'name'])
  })
  await knex.schema.createTable('manifests', table => {
    table.string('namespace', 63).notNullable()
    table.string('name', 63).notNullable()
    table.string('digest', 71).notNullable()
    table.text('manifest').notNullable()
    table.primary(['namespace', 'name', 'digest'])
  })
  await knex.schema.createTable('instances', table => {
    table.string('id', 128).primary()
    table.string('namespace', 63).notNullable()
    table.string('agent', 63).notNullable()
    table.string('digest', 71).notNullable()
    table.string('endpoint', 2048).notNullable()
    table.bigInteger('pid').notNullable()
    table.string('host', 253).notNullable()
    table.string('since', 32).notNullable()
    table.string('state', 16).notNullable()
    table.integer('observed_generation').notNullable()
    table.integer('drift_generation')
    table.text('drift_reason')
    table.text('unhealthy')
    table.boolean('is_deleted').notNullable()
    table.string('owner', 32).notNullable().index()
    table.string('writer', 32).notNullable()
    table.bigInteger('change').notNullable().index()
    table.index(['namespace', 'agent', 'digest'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const name of ['instances', 'manifests', 'announced', 'replicas', 'deletions']) {
    await knex.schema.dropTable(name)
  }
  await knex('counters').whereIn('name', ['change', 'floor']).delete()
}
