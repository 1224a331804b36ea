/** The public names of `mcp-mesh/runtime`. */
export { startAgent, type AgentOptions, type RunningAgent } from './agent.ts'
export type {
  DependencyFunction,
  DependencyFunctions,
  Handler,
  HandlerContext,
  HandlerLog,
} from './handler.ts'
export { createLog, type Fields, type Log, type LogLevel } from './telemetry/log.ts'
