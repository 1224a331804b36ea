/** The generations of each applied agent. What is applied already begins its history with the generation that it has. */
import type { Knex } from 'knex'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('revisions', table => {
    table.string('namespace', 63).notNullable()
    table.string('name', 63).notNullable()
    table.integer('generation').notNullable()
    table.bigInteger('revision').notNullable()
    table.string('digest', 71).notNullable()
    table.text('manifest').notNullable()
    table.string('origin', 16).notNullable()
    table.string('at', 32).notNullable()
    table.integer('from_generation')
    table.primary(['namespace', 'name', 'generation'])
  })
  const kept = 'namespace, name, generation, revision, digest, manifest'
  await knex.raw(
    `insert into revisions (${kept}, origin, at) select ${kept}, 'applied', ? from agents`,
    [new Date().toISOString()],
  )
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('revisions')
}
