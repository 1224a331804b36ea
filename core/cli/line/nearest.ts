/** Errors for a name that nothing has: with the names that were perhaps meant. */
import { nearest } from '../../manifest/suggest.ts'
import type { Code } from '../../model/codes.ts'
import { MeshError } from '../../model/error.ts'

/** "no agent "helo" in …", mend: `did you mean "hello"?` or what there is. */
export function missing(
  what: { found: string; name: string; known: readonly string[]; see: string },
  code: Code = 'MESH_RESOURCE_MISSING',
): MeshError {
  const near = nearest(what.name, what.known)
  const there =
    what.known.length > 0 && what.known.length <= 12 ? `there is ${what.known.join(', ')}; ` : ''
  return new MeshError(
    code,
    what.found,
    near === undefined ? `${there}see ${what.see}` : `did you mean "${near}"? see ${what.see}`,
  )
}
