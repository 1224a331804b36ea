/* Generated from core/model/registry-api.ts and operations-api.ts by `npm run generate`: change those, not this file. */

/** By the name of the type; they refer to each other, and to what schemas/agent.schema.json defines, as components of an OpenAPI document. */
export const apiSchemas = {
  "AgentList": {
    "type": "object",
    "properties": {
      "items": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/AgentResource"
        }
      },
      "revision": {
        "type": "number"
      },
      "continue": {
        "type": "string",
        "description": "Where there is more: sent as `?continue=`, it gives the next page."
      }
    },
    "required": [
      "items",
      "revision"
    ]
  },
  "AgentPhase": {
    "type": "string",
    "enum": [
      "Ready",
      "Degraded",
      "Drifted",
      "Offline"
    ]
  },
  "AgentResource": {
    "type": "object",
    "properties": {
      "apiVersion": {
        "type": "string",
        "const": "mcp-mesh.dev/v1"
      },
      "kind": {
        "type": "string",
        "enum": [
          "Agent",
          "Gateway"
        ]
      },
      "metadata": {
        "type": "object",
        "properties": {
          "namespace": {
            "type": "string",
            "description": "Agents see only the capabilities of their own namespace."
          },
          "generation": {
            "type": "number"
          },
          "revision": {
            "type": "number"
          },
          "origin": {
            "type": "string",
            "enum": [
              "announced",
              "applied"
            ]
          },
          "name": {
            "type": "string",
            "description": "Unique in its namespace: a DNS label (lower-case letters, digits and dashes, at most 63)."
          },
          "labels": {
            "type": "object",
            "additionalProperties": {
              "type": "string"
            },
            "description": "Free keys and values for people and tools to select by."
          }
        },
        "required": [
          "generation",
          "name",
          "namespace",
          "origin",
          "revision"
        ]
      },
      "spec": {
        "anyOf": [
          {
            "$ref": "#/components/schemas/AgentSpec"
          },
          {
            "$ref": "#/components/schemas/GatewaySpec"
          }
        ]
      },
      "status": {
        "$ref": "#/components/schemas/AgentStatus"
      }
    },
    "required": [
      "apiVersion",
      "kind",
      "metadata",
      "spec",
      "status"
    ],
    "description": "An agent or a gateway as the registry shows it: the manifest, its generation, and what was observed."
  },
  "AgentRevision": {
    "type": "object",
    "properties": {
      "generation": {
        "type": "number"
      },
      "revision": {
        "type": "number"
      },
      "digest": {
        "type": "string"
      },
      "origin": {
        "type": "string",
        "enum": [
          "announced",
          "applied",
          "rollback"
        ]
      },
      "from": {
        "type": "number",
        "description": "Of a rollback: the generation that it took up again."
      },
      "at": {
        "type": "string",
        "description": "ISO 8601: when it became what is wanted."
      },
      "manifest": {
        "$ref": "#/components/schemas/Manifest"
      }
    },
    "required": [
      "generation",
      "revision",
      "digest",
      "origin",
      "at",
      "manifest"
    ],
    "description": "One generation of an agent as it was wanted."
  },
  "AgentRevisionList": {
    "type": "object",
    "properties": {
      "items": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/AgentRevision"
        }
      }
    },
    "required": [
      "items"
    ],
    "description": "Answer of GET …/agents/{name}/revisions, oldest first."
  },
  "AgentStatus": {
    "type": "object",
    "properties": {
      "phase": {
        "$ref": "#/components/schemas/AgentPhase"
      },
      "observedGeneration": {
        "type": "number"
      },
      "conditions": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/Condition"
        }
      },
      "instances": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/InstanceStatus"
        }
      },
      "resolutions": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/Resolution"
        }
      }
    },
    "required": [
      "phase",
      "observedGeneration",
      "conditions",
      "instances",
      "resolutions"
    ]
  },
  "AgentWatchEvent": {
    "anyOf": [
      {
        "type": "object",
        "properties": {
          "type": {
            "type": "string",
            "const": "agent"
          },
          "revision": {
            "type": "number"
          },
          "agent": {
            "$ref": "#/components/schemas/AgentResource"
          }
        },
        "required": [
          "type",
          "revision",
          "agent"
        ]
      },
      {
        "type": "object",
        "properties": {
          "type": {
            "type": "string",
            "const": "gone"
          },
          "revision": {
            "type": "number"
          },
          "namespace": {
            "type": "string"
          },
          "name": {
            "type": "string"
          }
        },
        "required": [
          "type",
          "revision",
          "namespace",
          "name"
        ]
      },
      {
        "type": "object",
        "properties": {
          "type": {
            "type": "string",
            "const": "complete"
          },
          "revision": {
            "type": "number"
          },
          "settling": {
            "type": "boolean"
          }
        },
        "required": [
          "type",
          "revision",
          "settling"
        ]
      }
    ],
    "description": "Events of GET /v1/agents?watch=true, and of one agent: every agent that matches, `complete`, then each that changes. `gone`: it was deleted, or matches no longer. While `settling` is true the registry has just started and does not know everybody yet: who is not told of may still be there, and another `complete` follows when it knows."
  },
  "AnnouncementReceipt": {
    "type": "object",
    "properties": {
      "id": {
        "type": "string"
      },
      "lease": {
        "type": "object",
        "properties": {
          "ttlMs": {
            "type": "number"
          }
        },
        "required": [
          "ttlMs"
        ]
      },
      "generation": {
        "type": "number",
        "description": "Desired generation of the agent."
      },
      "revision": {
        "type": "number"
      }
    },
    "required": [
      "id",
      "lease",
      "generation",
      "revision"
    ],
    "description": "Answer to an announcement, 201 for a new instance and 200 for a known one."
  },
  "ApplyReceipt": {
    "type": "object",
    "properties": {
      "result": {
        "type": "string",
        "enum": [
          "created",
          "configured",
          "unchanged"
        ]
      },
      "generation": {
        "type": "number"
      },
      "revision": {
        "type": "number"
      }
    },
    "required": [
      "result",
      "generation",
      "revision"
    ],
    "description": "Answer of PUT /v1/namespaces/{ns}/agents/{name}."
  },
  "AuditEvent": {
    "type": "object",
    "properties": {
      "revision": {
        "type": "number"
      },
      "at": {
        "type": "string",
        "description": "ISO 8601."
      },
      "type": {
        "type": "string",
        "enum": [
          "Joined",
          "Draining",
          "Left",
          "Suspect",
          "Recovered",
          "Unhealthy",
          "Healthy",
          "Gone",
          "Applied",
          "RolledBack",
          "Deleted",
          "Rewired"
        ]
      },
      "namespace": {
        "type": "string"
      },
      "agent": {
        "type": "string"
      },
      "instance": {
        "type": "string"
      },
      "message": {
        "type": "string",
        "description": "For people."
      },
      "rewiring": {
        "type": "object",
        "properties": {
          "tool": {
            "type": "string"
          },
          "dependency": {
            "type": "string"
          },
          "from": {
            "$ref": "#/components/schemas/Provider"
          },
          "to": {
            "$ref": "#/components/schemas/Provider"
          },
          "reason": {
            "type": "string"
          }
        },
        "required": [
          "tool",
          "dependency",
          "reason"
        ],
        "description": "Of `Rewired`; `tool` has the dependency, as in a resolution; `from` and `to` are absent where nothing filled it."
      }
    },
    "required": [
      "revision",
      "at",
      "type",
      "namespace",
      "agent",
      "message"
    ],
    "description": "One entry of the audit trail. `Rewired`: a resolution has changed its mind."
  },
  "AuditList": {
    "type": "object",
    "properties": {
      "items": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/AuditEvent"
        }
      },
      "next": {
        "type": "string",
        "description": "Sent as `?after=`, it gives what came since."
      },
      "missed": {
        "type": "boolean",
        "description": "True when events behind `after` are not kept any more, or cannot be known as it is of another registry process."
      }
    },
    "required": [
      "items",
      "next",
      "missed"
    ],
    "description": "Answer of GET /v1/events, oldest first."
  },
  "AuditWatchEvent": {
    "anyOf": [
      {
        "type": "object",
        "properties": {
          "type": {
            "type": "string",
            "const": "event"
          },
          "event": {
            "$ref": "#/components/schemas/AuditEvent"
          }
        },
        "required": [
          "type",
          "event"
        ]
      },
      {
        "type": "object",
        "properties": {
          "type": {
            "type": "string",
            "const": "missed"
          },
          "revision": {
            "type": "number"
          }
        },
        "required": [
          "type",
          "revision"
        ]
      }
    ],
    "description": "Events of GET /v1/events?watch=true. `missed`: some up to this revision are not kept any more, or cannot be known as the id that was sent is of another registry process. Ids of the stream serve as `after`."
  },
  "Cache1": {
    "type": "object",
    "properties": {
      "ttl": {
        "type": "string",
        "description": "How long it may be kept."
      },
      "scope": {
        "type": "string",
        "enum": [
          "private",
          "public"
        ],
        "description": "private: by the caller that read it. public: by anybody on the way."
      }
    },
    "required": [
      "ttl"
    ],
    "description": "For how long clients of MCP 2026-07-28 may keep what was read, and for whom."
  },
  "Condition": {
    "type": "object",
    "properties": {
      "type": {
        "$ref": "#/components/schemas/ConditionType"
      },
      "status": {
        "type": "string",
        "enum": [
          "True",
          "False",
          "Unknown"
        ]
      },
      "reason": {
        "type": "string",
        "description": "One word in CamelCase, for programs."
      },
      "message": {
        "type": "string",
        "description": "A sentence that names the cause, for people."
      },
      "observedGeneration": {
        "type": "number"
      },
      "lastTransitionTime": {
        "type": "string",
        "description": "ISO 8601; changes only when `status` does."
      }
    },
    "required": [
      "type",
      "status",
      "reason",
      "message",
      "observedGeneration",
      "lastTransitionTime"
    ]
  },
  "ConditionType": {
    "type": "string",
    "enum": [
      "Ready",
      "DependenciesResolved",
      "Drifted",
      "Degraded"
    ],
    "description": "`Degraded` is True where less runs than is wanted though calls are served: an instance is not ready, or a dependency is unfilled."
  },
  "Endpoint": {
    "type": "object",
    "properties": {
      "instance": {
        "type": "string"
      },
      "agent": {
        "type": "string"
      },
      "namespace": {
        "type": "string"
      },
      "url": {
        "type": "string",
        "description": "URL of the MCP endpoint."
      },
      "tool": {
        "type": "string",
        "description": "The provider's MCP tool name, which need not be the capability."
      },
      "version": {
        "type": "string"
      },
      "tags": {
        "type": "array",
        "items": {
          "type": "string"
        }
      },
      "score": {
        "type": "number"
      },
      "isRepeatable": {
        "type": "boolean",
        "description": "The provider says that a call may be repeated (readOnlyHint or idempotentHint)."
      },
      "deduplicates": {
        "type": "boolean",
        "description": "The provider runs a call of one idempotency key once: it may be repeated at the same instance."
      },
      "session": {
        "type": "string",
        "description": "The argument that carries the handle of a session, where one instance owns each; absent where none does."
      },
      "paramHeaders": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/ParamHeader"
        },
        "description": "Arguments that a call has to repeat in headers; absent where there are none."
      },
      "note": {
        "type": "string",
        "description": "What of its schemas could not be held against what the dependency expects; absent where nothing is open."
      }
    },
    "required": [
      "instance",
      "agent",
      "namespace",
      "url",
      "tool",
      "version",
      "tags",
      "score",
      "isRepeatable",
      "deduplicates"
    ],
    "description": "One reachable instance that fills a dependency, best first in a resolution."
  },
  "Exclusion": {
    "type": "object",
    "properties": {
      "instance": {
        "type": "string"
      },
      "agent": {
        "type": "string"
      },
      "namespace": {
        "type": "string"
      },
      "url": {
        "type": "string"
      },
      "tool": {
        "type": "string"
      },
      "version": {
        "type": "string"
      },
      "tags": {
        "type": "array",
        "items": {
          "type": "string"
        }
      },
      "stage": {
        "type": "string",
        "enum": [
          "namespace",
          "state",
          "availability",
          "tags",
          "version",
          "schema",
          "lock"
        ]
      },
      "reason": {
        "type": "string"
      },
      "code": {
        "type": "string",
        "const": "MESH_LOCK_DRIFTED",
        "description": "Of one left out at `lock`."
      }
    },
    "required": [
      "instance",
      "agent",
      "namespace",
      "url",
      "tool",
      "version",
      "tags",
      "stage",
      "reason"
    ],
    "description": "A candidate that was left out of a resolution, and at which stage."
  },
  "Graph": {
    "type": "object",
    "properties": {
      "revision": {
        "type": "number"
      },
      "nodes": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/GraphNode"
        }
      },
      "edges": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/GraphEdge"
        }
      }
    },
    "required": [
      "revision",
      "nodes",
      "edges"
    ],
    "description": "Answer of GET /v1/graph: the mesh as it is resolved now. Ids are `namespace/agent` and `namespace/agent/tool`, with `resource:<name>` or `prompt:<name>` in the place of a tool for what else has dependencies."
  },
  "GraphEdge": {
    "type": "object",
    "properties": {
      "from": {
        "type": "string"
      },
      "dependency": {
        "type": "string"
      },
      "capability": {
        "type": "string"
      },
      "required": {
        "type": "boolean"
      },
      "state": {
        "type": "string",
        "enum": [
          "resolved",
          "unresolved"
        ]
      },
      "to": {
        "type": "string",
        "description": "Absent where nothing fills it."
      },
      "endpoints": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/Endpoint"
        }
      },
      "reason": {
        "type": "string",
        "description": "Why nothing fills it."
      }
    },
    "required": [
      "from",
      "dependency",
      "capability",
      "required",
      "state",
      "endpoints"
    ],
    "description": "A dependency of a node (`from`), and the tool that leads among those that fill it."
  },
  "GraphNode": {
    "anyOf": [
      {
        "type": "object",
        "properties": {
          "kind": {
            "type": "string",
            "const": "agent"
          },
          "id": {
            "type": "string"
          },
          "namespace": {
            "type": "string"
          },
          "agent": {
            "type": "string"
          },
          "phase": {
            "$ref": "#/components/schemas/AgentPhase"
          },
          "instances": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "id": {
                  "type": "string"
                },
                "endpoint": {
                  "type": "string"
                },
                "state": {
                  "$ref": "#/components/schemas/InstanceState"
                }
              },
              "required": [
                "id",
                "endpoint",
                "state"
              ]
            }
          }
        },
        "required": [
          "kind",
          "id",
          "namespace",
          "agent",
          "phase",
          "instances"
        ]
      },
      {
        "type": "object",
        "properties": {
          "kind": {
            "type": "string",
            "const": "tool"
          },
          "id": {
            "type": "string"
          },
          "namespace": {
            "type": "string"
          },
          "agent": {
            "type": "string"
          },
          "tool": {
            "type": "string"
          },
          "capability": {
            "type": "string"
          },
          "version": {
            "type": "string"
          },
          "tags": {
            "type": "array",
            "items": {
              "type": "string"
            }
          },
          "broken": {
            "type": "string",
            "description": "Why its calls would fail: a required dependency of it is unresolved."
          }
        },
        "required": [
          "kind",
          "id",
          "namespace",
          "agent",
          "tool",
          "capability",
          "version",
          "tags"
        ]
      },
      {
        "type": "object",
        "properties": {
          "kind": {
            "type": "string",
            "enum": [
              "resource",
              "prompt"
            ]
          },
          "id": {
            "type": "string"
          },
          "namespace": {
            "type": "string"
          },
          "agent": {
            "type": "string"
          },
          "name": {
            "type": "string"
          },
          "broken": {
            "type": "string",
            "description": "Why it cannot be had: a required dependency of it is unresolved."
          }
        },
        "required": [
          "kind",
          "id",
          "namespace",
          "agent",
          "name"
        ]
      }
    ]
  },
  "Health": {
    "type": "object",
    "properties": {
      "status": {
        "type": "string",
        "const": "ok"
      }
    },
    "required": [
      "status"
    ],
    "description": "Answer of GET /healthz and GET /readyz, where it is a good one."
  },
  "InstanceState": {
    "type": "string",
    "enum": [
      "ready",
      "unhealthy",
      "suspect",
      "draining"
    ],
    "description": "State of one instance: `unhealthy` says so itself, `suspect` has lost its watch stream, `draining` finishes what runs; only `ready` is picked."
  },
  "InstanceStatus": {
    "type": "object",
    "properties": {
      "id": {
        "type": "string"
      },
      "endpoint": {
        "type": "string"
      },
      "state": {
        "$ref": "#/components/schemas/InstanceState"
      },
      "observedGeneration": {
        "type": "number"
      },
      "pid": {
        "type": "number"
      },
      "host": {
        "type": "string"
      },
      "since": {
        "type": "string",
        "description": "ISO 8601."
      },
      "reason": {
        "type": "string",
        "description": "What its health check says while it is unhealthy."
      }
    },
    "required": [
      "id",
      "endpoint",
      "state",
      "observedGeneration",
      "pid",
      "host",
      "since"
    ]
  },
  "Manifest": {
    "anyOf": [
      {
        "$ref": "#/components/schemas/Agent"
      },
      {
        "$ref": "#/components/schemas/Gateway"
      }
    ],
    "description": "Told apart by `kind`."
  },
  "ManifestFault": {
    "type": "object",
    "properties": {
      "code": {
        "type": "string"
      },
      "message": {
        "type": "string"
      },
      "mend": {
        "type": "string"
      },
      "path": {
        "type": "array",
        "items": {
          "type": [
            "string",
            "number"
          ]
        }
      }
    },
    "required": [
      "code",
      "message",
      "mend",
      "path"
    ],
    "description": "One fault of a manifest as a 422 carries it; meshctl finds the place in the user's file by `path`."
  },
  "ParamHeader": {
    "type": "object",
    "properties": {
      "path": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "The names of the properties that lead to it, outermost first."
      },
      "header": {
        "type": "string",
        "description": "The whole name: `Mcp-Param-Region`."
      }
    },
    "required": [
      "path",
      "header"
    ],
    "description": "One argument that a header repeats."
  },
  "Problem": {
    "type": "object",
    "properties": {
      "type": {
        "type": "string"
      },
      "title": {
        "type": "string"
      },
      "status": {
        "type": "number"
      },
      "code": {
        "type": "string"
      },
      "detail": {
        "type": "string"
      },
      "mend": {
        "type": "string"
      },
      "requestId": {
        "type": "string",
        "description": "Also in `X-Request-Id`, and in the registry's log where it is to blame."
      },
      "faults": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/ManifestFault"
        }
      }
    },
    "required": [
      "type",
      "title",
      "status",
      "code",
      "detail",
      "mend",
      "requestId"
    ],
    "description": "RFC 9457 body of every failure."
  },
  "Provider": {
    "type": "object",
    "properties": {
      "agent": {
        "type": "string"
      },
      "tool": {
        "type": "string"
      },
      "version": {
        "type": "string"
      },
      "instance": {
        "type": "string"
      }
    },
    "required": [
      "agent",
      "tool",
      "version",
      "instance"
    ],
    "description": "A tool that fills a dependency, and the instance that leads."
  },
  "Resolution": {
    "type": "object",
    "properties": {
      "tool": {
        "type": "string",
        "description": "What has the dependency: a tool by its name, others as `resource:<name>` and `prompt:<name>`."
      },
      "dependency": {
        "type": "string"
      },
      "required": {
        "type": "boolean"
      },
      "alternative": {
        "type": "number",
        "description": "Index of the alternative that won; -1 when none resolves."
      },
      "capability": {
        "type": "string"
      },
      "endpoints": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/Endpoint"
        }
      },
      "reason": {
        "type": "string",
        "description": "Set when `endpoints` is empty: the reason, for people."
      },
      "code": {
        "type": "string",
        "const": "MESH_LOCK_DRIFTED",
        "description": "Why, for programs: what came closest is not what mesh.lock says. Absent for every other reason."
      }
    },
    "required": [
      "tool",
      "dependency",
      "required",
      "alternative",
      "capability",
      "endpoints"
    ],
    "description": "For one dependency: the endpoints, all equally good or ranked, or why there are none."
  },
  "ResolveAnswer": {
    "type": "object",
    "properties": {
      "capability": {
        "type": "string"
      },
      "endpoints": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/Endpoint"
        }
      },
      "excluded": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/Exclusion"
        }
      }
    },
    "required": [
      "capability",
      "endpoints",
      "excluded"
    ],
    "description": "Answer of GET /v1/resolve."
  },
  "WatchEvent": {
    "anyOf": [
      {
        "type": "object",
        "properties": {
          "type": {
            "type": "string",
            "const": "snapshot"
          },
          "revision": {
            "type": "number"
          },
          "settling": {
            "type": "boolean"
          },
          "generation": {
            "type": "number"
          },
          "manifest": {
            "$ref": "#/components/schemas/Manifest"
          },
          "resolutions": {
            "type": "object",
            "additionalProperties": {
              "$ref": "#/components/schemas/Resolution"
            },
            "propertyNames": {
              "description": "Key of a resolution within an instance: `tool/dependency`, `resource:<name>/dependency`, `prompt:<name>/dependency`."
            }
          }
        },
        "required": [
          "type",
          "revision",
          "settling",
          "generation",
          "resolutions"
        ]
      },
      {
        "type": "object",
        "properties": {
          "type": {
            "type": "string",
            "const": "resolutions"
          },
          "revision": {
            "type": "number"
          },
          "settling": {
            "type": "boolean"
          },
          "resolutions": {
            "type": "object",
            "additionalProperties": {
              "$ref": "#/components/schemas/Resolution"
            },
            "propertyNames": {
              "description": "Key of a resolution within an instance: `tool/dependency`, `resource:<name>/dependency`, `prompt:<name>/dependency`."
            }
          }
        },
        "required": [
          "type",
          "revision",
          "settling",
          "resolutions"
        ]
      },
      {
        "type": "object",
        "properties": {
          "type": {
            "type": "string",
            "const": "manifest"
          },
          "revision": {
            "type": "number"
          },
          "generation": {
            "type": "number"
          },
          "manifest": {
            "$ref": "#/components/schemas/Manifest"
          }
        },
        "required": [
          "type",
          "revision",
          "generation",
          "manifest"
        ]
      },
      {
        "type": "object",
        "properties": {
          "type": {
            "type": "string",
            "const": "deleted"
          },
          "revision": {
            "type": "number"
          }
        },
        "required": [
          "type",
          "revision"
        ]
      }
    ],
    "description": "Events of GET /v1/instances/{id}/watch. The first is `snapshot`, but where `Last-Event-ID` was sent and names an event of this registry process: then only what came since is told. Ids are opaque. While `settling` is true the registry has just started and does not know everybody yet: a consumer keeps what it has where a resolution is empty. `manifest` carries the desired manifest when the instance serves another; `deleted` tells the instance to drain and leave."
  }
}
