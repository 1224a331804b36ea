/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/core/cli/commands/graph.ts > TAP > manifests are drawn as they would be resolved, and what breaks is broken to the end > tree 1`] = `
back  from its manifest
└─ back 1.0.0  broken
   └─ store -> nothing: "store" is offered by store/store (store), but its version 1.0.0 is not in "^2"
clock  from its manifest
└─ clock 1.0.0
   └─ zone -> store.store 1.0.0
front  from its manifest
└─ front 1.0.0  broken
   └─ it -> nothing: "middle" is offered by middle/middle (middle), but back:back needs store: "store" is offered by store/store (store), but its version 1.0.0 is not in "^2"
middle  from its manifest
└─ middle 1.0.0  broken
   ├─ it -> nothing: "back" is offered by back/back (back), but back:back needs store: "store" is offered by store/store (store), but its version 1.0.0 is not in "^2"
   └─ cache (optional) -> nothing: no instance offers "cache" in namespace "default"
store  from its manifest
└─ store 1.0.0
`
