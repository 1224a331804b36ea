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
    "name": "critical",
    "spec": {
      "timeout": "900ms",
      "deadline": "3s",
      "retries": {
        "attempts": 3,
        "backoff": {
          "initial": "20ms",
          "max": "100ms"
        }
      },
      "hedge": {
        "after": "300ms"
      },
      "breaker": {
        "failures": 5,
        "open": "2s"
      },
      "concurrency": {
        "max": 64,
        "queue": 64
      },
      "ejection": {
        "failures": 3,
        "for": "5s"
      }
    }
  },
  "default": {
    "name": "default",
    "spec": {
      "timeout": "3s",
      "deadline": "10s",
      "retries": {
        "attempts": 3,
        "backoff": {
          "initial": "50ms",
          "max": "2s"
        },
        "on": [
          "unavailable",
          "timeout"
        ],
        "budget": "20%"
      },
      "hedge": "none",
      "breaker": {
        "failures": 10,
        "open": "5s"
      },
      "concurrency": "none",
      "ejection": {
        "failures": 5,
        "for": "10s",
        "max": "50%"
      },
      "balance": "auto",
      "headers": {},
      "stream": "auto"
    }
  },
  "patient": {
    "name": "patient",
    "spec": {
      "timeout": "30s",
      "deadline": "2m",
      "retries": {
        "attempts": 3,
        "backoff": {
          "initial": "200ms",
          "max": "5s"
        },
        "on": [
          "unavailable"
        ],
        "budget": "10%"
      },
      "breaker": {
        "failures": 5,
        "open": "30s"
      },
      "ejection": {
        "failures": 3,
        "for": "30s"
      }
    }
  }
}
`
