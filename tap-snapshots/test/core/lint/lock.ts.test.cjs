/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > a field more 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a minor step
    + its result says more than it did (minor)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a minor step: its result says more than it did
  mend: write version: 1.3.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > a field of another type 1`] = `
MESH_LOCK_DRIFTED: "it" is filled by nothing; mesh.lock has default/speaker.say@1.2.3
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a major step
    - its result is not what it was: it at "text" may be number, and string is taken (major)
    breaks default/asker.ask ("it")
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a major step: its result is not what it was: it at "text" may be number, and string is taken
  mend: write version: 2.0.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > a hint less 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a major step
    - it says idempotentHint no more (major)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a major step: it says idempotentHint no more
  mend: write version: 2.0.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > a required argument more 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a major step
    - it no longer takes all that it took: what was sent may lack "day" (major)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a major step: it no longer takes all that it took: what was sent may lack "day"
  mend: write version: 2.0.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > a required field less 1`] = `
MESH_LOCK_DRIFTED: "it" is filled by nothing; mesh.lock has default/speaker.say@1.2.3
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a major step
    - the field "text" of its result is gone (major)
    - its result is not what it was: it may lack "text" (major)
    breaks default/asker.ask ("it")
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a major step: the field "text" of its result is gone
  mend: write version: 2.0.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > a tag less 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a major step
    - its tag "fast" is gone (major)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a major step: its tag "fast" is gone
  mend: write version: 2.0.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > a tag more 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a minor step
    + it has the tag "new" now (minor)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a minor step: it has the tag "new" now
  mend: write version: 1.3.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > a version alone 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 -> 1.2.4 is not what mesh.lock says: only its version changed
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > a version back 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 -> 1.2.2 is not what mesh.lock says: it asks for a patch step
    ~ its description changed (patch)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.2, and its changes ask for a patch step: its description changed
  mend: write version: 1.2.4 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > a version out of the range 1`] = `
MESH_LOCK_DRIFTED: "it" is filled by nothing; mesh.lock has default/speaker.say@1.2.3
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 -> 2.0.0 is not what mesh.lock says: only its version changed
    breaks default/asker.ask ("it")
  mend: write it anew with meshctl lock, and have the difference reviewed
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > an argument less 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a major step
    - its argument "zone" is gone (major)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a major step: its argument "zone" is gone
  mend: write version: 2.0.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > an argument of another type 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a major step
    - it no longer takes all that it took: what was sent at "name" may be string, and integer is taken (major)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a major step: it no longer takes all that it took: what was sent at "name" may be string, and integer is taken
  mend: write version: 2.0.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > an optional argument more 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a minor step
    + it takes all that it took, and more or other (minor)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a minor step: it takes all that it took, and more or other
  mend: write version: 1.3.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > an optional field less 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a major step
    - the field "size" of its result is gone (major)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a major step: the field "size" of its result is gone
  mend: write version: 2.0.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > another capability 1`] = `
MESH_LOCK_DRIFTED: "it" is filled by nothing; mesh.lock has default/speaker.say@1.2.3
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a major step
    - it offers "speak" in place of "say" (major)
    breaks default/asker.ask ("it")
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a major step: it offers "speak" in place of "say"
  mend: write version: 2.0.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > no output schema 1`] = `
MESH_LOCK_DRIFTED: "it" is filled by nothing; mesh.lock has default/speaker.say@1.2.3
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a major step
    - its outputSchema is gone (major)
    breaks default/asker.ask ("it")
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a major step: its outputSchema is gone
  mend: write version: 2.0.0 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > words of a schema 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a patch step
    ~ the words of its inputSchema changed (patch)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a patch step: the words of its inputSchema changed
  mend: write version: 1.2.4 on the tool
`

exports[`test/core/lint/lock.ts > TAP > a change is told with the step that it asks for, and whom it breaks > words only 1`] = `
MESH_LOCK_DRIFTED: default/speaker.say 1.2.3 is not what mesh.lock says: it asks for a patch step
    ~ its description changed (patch)
    no consumer in these files breaks
  mend: write it anew with meshctl lock, and have the difference reviewed
MESH_STEP_SHORT: default/speaker.say went from 1.2.3 to 1.2.3, and its changes ask for a patch step: its description changed
  mend: write version: 1.2.4 on the tool
`

exports[`test/core/lint/lock.ts > TAP > the text is canonical and reads back > must match snapshot 1`] = `
{
  "lockVersion": 1,
  "tools": {
    "default/asker.ask": {
      "annotations": {},
      "capability": "ask",
      "description": "",
      "digest": "sha256:549aa66b87fc0f035c1f415aa5162d5015cd9d796a650aa313ff2a022e962d22",
      "inputSchema": {
        "type": "object"
      },
      "tags": [],
      "version": "1.0.0"
    },
    "default/speaker.say": {
      "annotations": {
        "idempotentHint": true
      },
      "capability": "say",
      "description": "Says.",
      "digest": "sha256:c8bdad5194f4c2baa40ebe3083b65e5921eaea12153b26bc376c84b5a5f4800c",
      "inputSchema": {
        "properties": {
          "name": {
            "type": "string"
          },
          "zone": {
            "type": "string"
          }
        },
        "type": "object"
      },
      "outputSchema": {
        "properties": {
          "size": {
            "type": "integer"
          },
          "text": {
            "type": "string"
          }
        },
        "required": [
          "text"
        ],
        "type": "object"
      },
      "tags": [
        "fast"
      ],
      "version": "1.2.3"
    }
  },
  "uses": {
    "default/asker.ask/it": [
      "default/speaker.say@1.2.3"
    ]
  }
}

`
