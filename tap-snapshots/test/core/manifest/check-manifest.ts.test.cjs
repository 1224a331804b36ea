/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/core/manifest/check-manifest.ts > TAP > of the shipped policies the default has every value > shipped policies 1`] = `
{
  "critical": {
    "timeout": "1s",
    "deadline": "3s"
  },
  "default": {
    "timeout": "3s",
    "deadline": "10s"
  },
  "patient": {
    "timeout": "30s",
    "deadline": "2m"
  }
}
`
