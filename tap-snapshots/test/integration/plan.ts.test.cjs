/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/integration/plan.ts > TAP > a plan says what is made, what moves, whom it breaks, and which version is wrong > a better provider 1`] = `
+ agent/watch in namespace default is created
edges that move:
  default/asker.ask "day": default/clock.date@1.0.0 -> default/watch.date@1.4.0
1 to create, 0 to change, 0 to remove, 0 unchanged, 1 edge moves, 0 consumers break
`

exports[`test/integration/plan.ts > TAP > a plan says what is made, what moves, whom it breaks, and which version is wrong > another type 1`] = `
~ agent/clock in namespace default is changed (generation 1)
tools:
  default/clock.date 1.0.0, asks for a major step
    its result is not what it was: it may be integer, and string is taken (major)
consumers that break:
  default/asker.ask "day": default/clock.date@1.0.0 filled it, and nothing would: its result may be integer, and string is taken
versions that say too little:
  default/clock.date 1.0.0 -> 1.0.0: the changes ask for a major step, 2.0.0
0 to create, 1 to change, 0 to remove, 0 unchanged, 1 edge moves, 1 consumer breaks, 1 of the versions say too little
`
