/** Applied manifests, and counters such as the next revision. */
import type { Knex } from 'knex'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('agents', table => {
    table.string('namespace', 63).notNullable()
    table.string('name', 63).notNullable()
    table.integer('generation').notNullable()
    table.bigInteger('revision').notNullable()
    table.string('digest', 71).notNullable()
    table.text('manifest').notNullable()
    table.primary(['namespace', 'name'])
  })
  await knex.schema.createTable('counters', table => {
    table.string('name', 63).primary()
    table.bigInteger('value').notNullable()
  })
  await knex('counters').insert({ name: 'revision', value: 0 })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('counters')
  await knex.schema.dropTable('agents')
}
