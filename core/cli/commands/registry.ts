/** `meshctl registry`: a registry in the foreground, for those who run it by itself. */
import type { Command } from '../command.ts'
import { launch } from '../local/child.ts'
import { textOf } from '../line/options.ts'

export const registry: Command = {
  name: 'registry',
  summary: 'Run a registry in the foreground',
  usage: 'meshctl registry',
  takes: [0, 0],
  about:
    'Its log goes to stdout as JSON lines. With MESH_TOKEN set, callers must present it; without, only loopback is bound. ' +
    'DATABASE_URL (postgres://…) puts the store into PostgreSQL.',
  options: [
    { flags: '--host <address>', about: 'address to bind (default: 127.0.0.1)' },
    { flags: '--port <number>', about: 'port to bind (default: 8000)' },
    {
      flags: '--store <file>',
      about: 'file of the embedded store, or "memory" (default: under MESH_HOME)',
    },
  ],
  examples: [
    { command: 'meshctl registry --port 8000', about: 'on the default port' },
    { command: 'meshctl registry --store memory', about: 'forgets all at its end' },
  ],
  async run(_, { io, options, bins, onStop, env }) {
    const child = launch({
      bin: bins.registry,
      args: ['host', 'port', 'store'].flatMap(name => {
        const value = textOf(options, name)
        return value === undefined ? [] : [`--${name}`, value]
      }),
      env,
      output: 'inherit',
      what: 'the registry',
    })
    let stops = 0
    const stopListening = onStop(() => child.signal(++stops === 1 ? 'SIGTERM' : 'SIGKILL'))
    try {
      const { url } = await child.ready
      io.say(`registry ready at ${String(url)}`)
      const { code, error } = await child.exited
      if (error) throw error
      return stops > 0 ? 0 : (code ?? 1)
    } catch (error) {
      if (stops > 0) return 0
      throw error
    } finally {
      stopListening()
    }
  },
}
