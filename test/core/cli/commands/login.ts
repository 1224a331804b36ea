/**
 * `meshctl login`, `logout` and `call --url` against an MCP server behind OAuth. The person is a program that BROWSER names and
 * that follows where a page leads.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { commandFor } from '../../../../core/cli/remote/browser.ts'
import { openCallback } from '../../../../core/cli/remote/callback.ts'
import { cli } from '../../../support/cli.ts'
import { oauthServer } from '../../../support/oauth-server.ts'

const browser = `${process.execPath} ${resolve('scripts/conformance/browser.mjs')}`

function person(t: Test) {
  const home = mkdtempSync(join(tmpdir(), 'mesh-login-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const env = { MESH_HOME: home, BROWSER: browser, MESH_TOKEN: 'of-the-mesh' }
  const meshctl = (...args: string[]) => cli(args, { env })
  const logins = join(home, 'logins')
  const kept = () => readdirSync(logins).map(name => readFileSync(join(logins, name), 'utf8'))
  return { ...{ home, env, meshctl, logins, kept } }
}

t.test('a login is kept for its owner alone, used, refreshed and forgotten', async t => {
  const server = await oauthServer(t)
  const { meshctl, logins, kept } = person(t)
  t.match(await meshctl('call', '--url', server.url, 'read'), {
    code: 1,
    err: /^error MESH_LOGIN_REQUIRED: .*\/mcp wants a login/,
  })
  t.equal(server.registrations, 0, 'nothing is registered for nobody')

  t.match(await meshctl('login', server.url), { code: 0, out: '' })
  t.strictSame(server.pages, ['read'])
  const [file = ''] = readdirSync(logins)
  t.equal(statSync(join(logins, file)).mode & 0o777, 0o600)
  t.equal(statSync(logins).mode & 0o777, 0o700)

  t.match(await meshctl('call', '--url', server.url, 'read'), { code: 0, out: 'read: done' })
  const { out } = await meshctl('call', '--url', server.url)
  t.strictSame(out.split(/\s*-?\s*\n/), ['TOOL    DESCRIPTION', 'read', 'write', 'leak    -'])
  t.match(await meshctl('call', '--url', server.url, 'raed'), {
    code: 4,
    err: /no tool "raed"[^]*did you mean "read"/,
  })
  server.expire()
  t.match(await meshctl('call', '--url', server.url, 'read'), { code: 0 })
  t.equal(server.asked.at(-1)?.get('grant_type'), 'refresh_token')
  t.equal(server.pages.length, 1, 'no page was shown for it')

  server.expire()
  server.revoke()
  t.match(await meshctl('call', '--url', server.url, 'read'), {
    code: 1,
    err: /MESH_LOGIN_REQUIRED/,
  })
  t.notOk(
    server.shown.some(header => header?.includes('of-the-mesh')),
    'MESH_TOKEN stays here',
  )
  t.notOk(server.headers.some(({ authorization }) => String(authorization).includes('of-the-mesh')))
  t.equal((await meshctl('logout', server.url)).code, 0)
  t.strictSame(kept(), [])
})

t.test('a tool that wants more is logged in for once more, with all that was granted', async t => {
  const server = await oauthServer(t, { scopes: { write: 'notes:write', leak: 'never' } })
  const { meshctl } = person(t)
  await meshctl('login', server.url)
  t.match(await meshctl('call', '--url', server.url, 'write', '--login'), { out: 'write: done' })
  t.strictSame(server.pages, ['read', 'read notes:write'])
  t.equal(server.registrations, 1, 'the client that is registered is used again')
  t.match(await meshctl('call', '--url', server.url, 'write'), { code: 0 }, 'and is kept')
})

t.test('a server that is never content asks a person twice at most', async t => {
  const server = await oauthServer(t, { scopes: { write: 'more' }, grants: 'read' })
  const { meshctl } = person(t)
  const { code, err } = await meshctl('call', '--url', server.url, 'write', '--login')
  t.equal(code, 1)
  t.match(err, /error MESH_/)
  t.strictSame(server.pages, ['read', 'read more'])
})

t.test('metadata that speaks of another server is not believed', async t => {
  const server = await oauthServer(t)
  const { meshctl } = person(t)
  const { port } = new URL(server.issuer)
  const strict = createServer((_, response) => {
    const where = `resource_metadata="http://127.0.0.1:${port}/.well-known/oauth-protected-resource/mcp"`
    response.writeHead(403, {
      'www-authenticate': `Bearer error="insufficient_scope", scope="more", ${where}`,
    })
    response.end()
  })
  await new Promise<void>(done => strict.listen(0, '127.0.0.1', done))
  t.teardown(() => strict.close())
  const url = `http://127.0.0.1:${(strict.address() as AddressInfo).port}/mcp`
  const { code, err } = await meshctl('call', '--url', url, '--login')
  t.equal(code, 1)
  t.match(err, /resource .* does not match/)
  t.equal(server.pages.length, 0)
})

t.test('a client that was registered is shown to its own issuer, and to nobody else', async t => {
  const clients = { mesh: { secret: 'of-mesh' } }
  const server = await oauthServer(t, { clients, registers: false })
  const { meshctl, home, kept } = person(t)
  const secret = join(home, 'secret')
  writeFileSync(secret, 'of-mesh\n')
  const flags = ['--client-id', 'mesh', '--client-secret-file', secret, '--issuer']
  t.match(await meshctl('login', server.url, ...flags, 'https://auth.example.com'), { code: 1 })
  t.equal(server.asked.length, 0, 'not to the one that the server names')
  t.match(await meshctl('login', server.url, ...flags, server.issuer), {
    code: 0,
    err: /^log in/,
  })
  t.match(await meshctl('call', '--url', server.url, 'read'), { out: 'read: done' })
  t.match(kept()[0], /of-mesh/, 'it is kept for the refresh')

  for (const [args, found] of [
    [['--client-id', 'mesh'], /without the URL of its issuer/],
    [['--issuer', server.issuer], /a client that is not named/],
    [['--client-metadata', 'http://example.com/c.json'], /no https URL with a path/],
    [
      ['--client-id', 'm', '--issuer', server.issuer, '--client-secret-file', 'none'],
      /cannot be read/,
    ],
  ] as const) {
    t.match(await meshctl('login', server.url, ...args), { code: 2, err: found })
  }
})

t.test('answers that are not from the issuer, and pages that are none, end a login', async t => {
  for (const [options, found] of [
    [
      { answer: (back: URL) => back.searchParams.set('iss', 'https://evil.example.com') },
      /issuer/i,
    ],
    [{ answer: (back: URL) => back.searchParams.delete('iss') }, /issuer|iss/i],
    [{ authorize: 'file:///etc/passwd' }, /no web page|URL/i],
  ] as const) {
    const server = await oauthServer(t, options)
    const { meshctl, kept } = person(t)
    const { code, err } = await meshctl('login', server.url)
    t.equal(code, 1)
    t.match(err, found)
    t.notMatch(kept().join(), /access-/)
  }
})

t.test('a token of elsewhere is taken from stdin and sent to that server alone', async t => {
  const server = await oauthServer(t)
  const { env } = person(t)
  const wrong = await cli(['login', server.url, '--with-token'], { env, input: 'made-elsewhere\n' })
  t.match(wrong, { code: 1, err: /MESH_LOGIN_REQUIRED|MESH_TOKEN_INVALID/ })
  t.ok(server.shown.includes('Bearer made-elsewhere'))
  t.notMatch(wrong.err, /made-elsewhere/)
  const empty = await cli(['login', server.url, '--with-token'], { env, input: 'two words' })
  t.match(empty, { code: 2, err: /no token/ })
})

t.test('the place to come back to takes an answer once, and only for what was asked', async t => {
  const callback = await openCallback(undefined)
  t.teardown(callback.close)
  const at = `http://127.0.0.1:${callback.port}`
  const answer = callback.wait('s1', 60_000)
  for (const path of ['/', '/callback', '/callback?state=other&code=c', '/other?state=s1&code=c'])
    t.equal((await fetch(at + path)).status, 404, path)
  t.equal((await fetch(`${at}/callback?state=s1`, { method: 'POST' })).status, 404)
  const shown = await fetch(`${at}/callback?state=s1&code=<b>c</b>`)
  t.equal(shown.status, 200)
  t.notMatch(await shown.text(), '<b>')
  t.equal((await answer).get('code'), '<b>c</b>')
  t.equal((await fetch(`${at}/callback?state=s1&code=again`)).status, 404)
  await t.rejects(callback.wait('s2', 1), {
    code: 'MESH_LOGIN_FAILED',
    message: /nobody logged in/,
  })
  const second = await openCallback(callback.port)
  t.teardown(second.close)
  t.not(second.port, callback.port, 'another port where that one is taken')
})

t.test('the browser is BROWSER, as a list of words and not for a shell', async t => {
  const page = 'https://auth.example.com/a?b=c&d'
  t.strictSame(commandFor(page, { BROWSER: 'firefox --new-window' }, 'linux'), [
    ...['firefox', '--new-window', page],
  ])
  t.strictSame(commandFor(page, { BROWSER: 'w3m %s -dump:lynx' }, 'linux'), ['w3m', page, '-dump'])
  t.strictSame(commandFor(page, {}, 'linux'), ['xdg-open', page])
  t.strictSame(commandFor(page, {}, 'darwin'), ['open', page])
  t.strictSame(commandFor(page, {}, 'win32'), ['rundll32', 'url.dll,FileProtocolHandler', page])
})

t.test('what is no server, and flags that say nothing together', async t => {
  const { meshctl } = person(t)
  for (const [args, code, found] of [
    [['login', 'example.com'], 2, /no URL of an MCP server/],
    [['call', '--url', 'ftp://example.com', 'read'], 2, /no URL of an MCP server/],
    [['call', '--url', 'http://127.0.0.1:9/mcp', '--raw', 'read'], 2, /--raw and --url/],
    [['call', '--url', 'http://169.254.169.254/mcp', 'read'], 5, /none that is dialled/],
    [['call'], 2, /no tool was named/],
    [
      ['call', '--url', 'http://127.0.0.1:9/mcp', 'read', '--answer', '{'],
      2,
      /--answer is no JSON/,
    ],
    [
      ['call', '--url', 'http://127.0.0.1:9/mcp', 'read', '--answer', '[]'],
      2,
      /takes a JSON object/,
    ],
  ] as const) {
    t.match(await meshctl(...args), { code, err: found }, args.join(' '))
  }
})
