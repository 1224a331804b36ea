/**
 * Ids of events, `<run>-<revision>`. Revisions alone do not say who handed them out: those of registries over one store are
 * interleaved (revisions.ts), and begin anew over a store that has been emptied.
 */

export class EventIds {
  readonly #run: string

  /** `run` is random letters and digits of this process. */
  constructor(run: string) {
    this.#run = run
  }

  of(revision: number): string {
    return `${this.#run}-${revision}`
  }

  /** The revision in an id of this process; undefined for every other text. */
  revisionIn(id: string | undefined): number | undefined {
    const [, run, revision] = /^([0-9a-z]+)-(\d{1,15})$/.exec(id ?? '') ?? []
    return run === this.#run ? Number(revision) : undefined
  }
}
