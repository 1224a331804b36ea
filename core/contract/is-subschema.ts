/**
 * Whether every value that one JSON Schema (2020-12) allows is allowed by another. A yes is proven rule by rule; a no
 * carries a value that was checked against both; everything else is unknown, and said so (ADR 0010). The structure is
 * that of Habib et al., "Finding Data Compatibility Bugs with JSON Subschema Checking" (ISSTA 2021), without its
 * normal form, which grows exponentially; recursion through references is coinductive, as in Pierce, "Types and
 * Programming Languages", chapter 21. `format` is an annotation. Work is counted in steps and bounded, so the answer
 * is the same on every machine.
 */
import type { JsonSchema } from '../model/agent.ts'
import { refuting, type Comparison } from './comparison.ts'
import { isEmptyShape } from './emptiness.ts'
import { flatten, valuesOf } from './facts.ts'
import { rulesOfArrays } from './rules-of-arrays.ts'
import { rulesOfObjects } from './rules-of-objects.ts'
import { rulesOfParts } from './rules-of-parts.ts'
import { ruleOfTypes } from './rules-of-values.ts'
import { samplesOf } from './samples.ts'
import { has, listOf, OutOfWork, Work, type Node } from './schema-node.ts'
import { validates } from './validates.ts'
import { shown, worst, yes, type Verdict } from './verdict.ts'

/** Steps of one comparison: schemas of real tools take some hundreds. */
export const MAX_STEPS = 20_000
const maxNesting = 150
const maxSplits = 5

export function isSubschema(
  from: JsonSchema | boolean,
  to: JsonSchema | boolean,
  maxSteps = MAX_STEPS,
): Verdict {
  const work = new Work(maxSteps)
  try {
    const [first, second] = [work.open(from), work.open(to)]
    const verdict = new Comparing(work).subset([first], second)
    if (verdict.answer !== 'no') return verdict
    // Whatever a rule above got wrong: nobody is refused without a value that shows it.
    const isShown = refuting(work, [first], second, [verdict.value]) !== undefined
    const { at, reason, from: left, to: right } = verdict
    return isShown ? verdict : { answer: 'unknown', at, reason, from: left, to: right }
  } catch (error) {
    if (!(error instanceof OutOfWork)) throw error
    return {
      answer: 'unknown',
      at: [],
      from: [],
      to: [],
      reason: `can't be told: ${error.message}`,
    }
  }
}

class Comparing implements Comparison {
  readonly work: Work
  /** Pairs that were proven, or are being proven since that level of the value. */
  readonly #pairs = new Map<string, number | 'proven'>()
  /** Keys of the pairs in their order: what was assumed on the way to a failure is forgotten with it. */
  readonly #trail: string[] = []
  readonly #refuted = new Map<string, Verdict>()
  readonly #types = new Map<string, Node>()
  readonly #negations = new Map<Node, Node>()
  #level = 0
  #nesting = 0
  #splits = 0

  constructor(work: Work) {
    this.work = work
  }

  subset(from: readonly Node[], to: Node): Verdict {
    this.work.spend()
    if (to.schema === true) return yes
    const list = flatten(this.work, from)
    if (list.some(node => node.id === to.id) || isEmptyShape(this.work, list)) return yes
    const ids = list.map(node => node.id).sort((a, b) => a - b)
    const key = `${ids.join(' ')}>${to.id}`
    const refuted = this.#refuted.get(key)
    if (refuted) return refuted
    const known = this.#pairs.get(key)
    // A pair met again one level further down holds if all the rest does; on the same level it says nothing.
    if (known === 'proven' || (known !== undefined && known < this.#level)) return yes
    const place = { at: [], from: list[0]?.path ?? [], to: to.path }
    if (known !== undefined) {
      return { answer: 'unknown', ...place, reason: "refers to itself, which can't be decided" }
    }
    if (++this.#nesting > maxNesting) throw new OutOfWork('the schemas are nested too deep')
    const before = this.#trail.length
    this.#trail.push(key)
    this.#pairs.set(key, this.#level)
    const verdict = this.#decide(list, to)
    this.#nesting--
    if (verdict.answer === 'yes') this.#pairs.set(key, 'proven')
    else for (const pair of this.#trail.splice(before)) this.#pairs.delete(pair)
    if (verdict.answer === 'no') this.#refuted.set(key, verdict)
    return verdict
  }

  below(from: readonly Node[], to: Node): Verdict {
    this.#level++
    const verdict = this.subset(from, to)
    this.#level--
    return verdict
  }

  isEmpty(nodes: readonly Node[]): boolean {
    const list = flatten(this.work, nodes)
    if (isEmptyShape(this.work, list)) return true
    const isRefused = (node: Node) =>
      has(node, 'not') && this.subset(list, this.work.child(node, 'not')).answer === 'yes'
    if (list.some(isRefused)) return true
    const branches = this.#branches(list)
    if (!branches || this.#splits >= maxSplits) return false
    this.#splits++
    const isEmpty = branches.every(branch => this.isEmpty([...list, ...branch]))
    this.#splits--
    return isEmpty
  }

  typeNode(type: string): Node {
    const node = this.#types.get(type) ?? this.work.open({ type })
    this.#types.set(type, node)
    return node
  }

  notNode(refused: Node): Node {
    const { document, path } = refused
    const node =
      this.#negations.get(refused) ?? this.work.node({ not: refused.schema }, document, path)
    this.#negations.set(refused, node)
    return node
  }

  #decide(list: readonly Node[], to: Node): Verdict {
    const place = { at: [], from: list[0]?.path ?? [], to: to.path }
    if (to.schema === false) {
      const value = refuting(this.work, list, to, samplesOf(this.work, list))
      if (value) {
        return {
          answer: 'no',
          ...place,
          reason: `may be there (${shown(value.of)}), and nothing is taken`,
          value: value.of,
        }
      }
      return { answer: 'unknown', ...place, reason: "is not to be there, which can't be decided" }
    }
    const values = valuesOf(this.work, list)
    const verdict = values ? this.#listed(values, list, to) : worst(this.#rules(list, to))
    if (verdict.answer !== 'unknown') return verdict
    const branches = this.#branches(list)
    if (!branches || this.#splits >= maxSplits) return verdict
    this.#splits++
    const split = worst(this.#each(branches, list, to))
    this.#splits--
    return split
  }

  /** Few values: each is tried. */
  #listed(values: readonly unknown[], list: readonly Node[], to: Node): Verdict {
    if (values.every(value => validates(this.work, to, value) === true)) return yes
    const verdict = worst(this.#rules(list, to))
    if (verdict.answer === 'no') return verdict
    const place = { at: [], from: list[0]?.path ?? [], to: to.path }
    const value = refuting(this.work, list, to, values)
    if (value) {
      const reason = `may be ${shown(value.of)}, which is not taken`
      return { answer: 'no', ...place, reason, value: value.of }
    }
    const reason = 'may be one of few values, of which not all can be decided'
    return { answer: 'unknown', ...place, reason }
  }

  *#rules(list: readonly Node[], to: Node): Generator<Verdict> {
    yield* ruleOfTypes(this, list, to)
    yield* rulesOfObjects(this, list, to)
    yield* rulesOfArrays(this, list, to)
    yield* rulesOfParts(this, list, to)
  }

  *#each(
    branches: readonly (readonly Node[])[],
    list: readonly Node[],
    to: Node,
  ): Generator<Verdict> {
    for (const branch of branches) yield this.subset([...list, ...branch], to)
  }

  /** The cases of the first `anyOf`, `oneOf` or `if` that was not split yet. */
  #branches(list: readonly Node[]): Node[][] | undefined {
    const isTaken = (branch: readonly Node[]) =>
      branch.every(part => list.some(node => node.id === part.id))
    for (const node of list) {
      for (const keyword of ['anyOf', 'oneOf']) {
        const branches = listOf(node, keyword).map((_, i) => [this.work.child(node, keyword, i)])
        if (branches.length > 0 && !branches.some(isTaken)) return branches
      }
      if (!has(node, 'if')) continue
      const test = this.work.child(node, 'if')
      const branch = (keyword: string) =>
        has(node, keyword) ? [this.work.child(node, keyword)] : []
      const branches = [
        [test, ...branch('then')],
        [this.notNode(test), ...branch('else')],
      ]
      if (!branches.some(isTaken)) return branches
    }
    return undefined
  }
}
