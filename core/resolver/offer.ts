/** What the resolver looks at: tools on offer, and the instances that serve them. All instances of an offer serve the same manifest. */
import type { Schemas } from '../contract/contract.ts'
import type { ParamHeader } from '../model/param-headers.ts'
import type { InstanceState } from '../model/registry-api.ts'

export interface Provider {
  id: string
  endpoint: string
  state: InstanceState
}

export interface Offer {
  namespace: string
  agent: string
  tool: string
  capability: string
  version: string
  tags: readonly string[]
  isRepeatable: boolean
  /** The provider runs a call of one idempotency key once, so that the same instance may be asked again. */
  deduplicates: boolean
  /** The argument that carries the handle of a session which one instance owns. */
  session?: string | undefined
  /** Arguments that its calls repeat in headers, as its inputSchema declares. */
  paramHeaders?: readonly ParamHeader[] | undefined
  /** Why its calls would fail: the first broken edge below it; undefined while its required dependencies resolve. */
  broken: string | undefined
  /** What it says of its values: one object as long as the tool is offered. */
  schemas: Schemas
  /** Of its definition (core/manifest/tool-digest.ts). */
  digest: () => string
  instances: Iterable<Provider>
}

/** All offers of a capability, those of other namespaces only where the caller wants to hear why they are left out. */
export type OffersOf = (capability: string) => Iterable<Offer>
