/** `meshctl logout URL`: forgets what is kept of an MCP server outside of the mesh. */
import { openLogins } from '../../mcp/logins.ts'
import type { Command } from '../command.ts'
import { checkServerUrl } from '../remote/person.ts'

export const logout: Command = {
  name: 'logout',
  summary: 'Forget the login at an MCP server',
  usage: 'meshctl logout <url>',
  takes: [1, 1],
  about:
    'Tokens and the client that was registered are removed from this machine; the authorization server is not told.',
  options: [],
  examples: [{ command: 'meshctl logout https://mcp.example.com/mcp', about: 'nothing is kept' }],
  async run([url = ''], { io, env }) {
    const server = checkServerUrl(url)
    const had = openLogins(env).forget(server)
    io.say(had ? `forgot the login at ${server}` : `there was no login at ${server}`)
    return 0
  },
}
