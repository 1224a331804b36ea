import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createHandles, handleLength, newSessionId } from '../../../runtime/sessions/handle.ts'

const key = randomBytes(32)
const mine = createHandles(key, { agent: 'default/counter', principal: 'token' })
const id = newSessionId()
const handle = mine.seal(id)

t.test('a handle leads to its session, for every instance that shares the store', async t => {
  t.equal(mine.open(handle), id)
  t.equal(createHandles(key, { agent: 'default/counter', principal: 'token' }).open(handle), id)
  t.match(handle, new RegExp(`^[A-Za-z0-9_-]{${handleLength}}$`))
  t.not(mine.seal(id), handle, 'two handles of one session tell nobody that they are')
  t.notOk(handle.includes(id))
})

t.test('every other text and value is refused, by what it is', async t => {
  const flip = (at: number) => {
    const bytes = Buffer.from(handle, 'base64url')
    bytes[at] = (bytes[at] ?? 0) ^ 1
    return bytes.toString('base64url')
  }
  const last = handle.at(-1) ?? ''
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const respelt = handle.slice(0, -1) + (alphabet[alphabet.indexOf(last) ^ 1] ?? '')
  const otherKey = createHandles(randomBytes(32), { agent: 'default/counter', principal: 'token' })
  const cases: [string, unknown, string][] = [
    ['no text', 7, 'MESH_SESSION_INVALID'],
    ['null', null, 'MESH_SESSION_INVALID'],
    ['a list', [handle], 'MESH_SESSION_INVALID'],
    ['an object', { toString: () => handle }, 'MESH_SESSION_INVALID'],
    ['nothing in it', '', 'MESH_SESSION_INVALID'],
    ['a plain id', id, 'MESH_SESSION_INVALID'],
    ['a word', 'session-1', 'MESH_SESSION_INVALID'],
    ['white space around', ` ${handle}`, 'MESH_SESSION_INVALID'],
    ['a new line behind', `${handle}\n`, 'MESH_SESSION_INVALID'],
    ['cut short', handle.slice(0, -1), 'MESH_SESSION_INVALID'],
    ['twice', handle + handle, 'MESH_SESSION_INVALID'],
    ['a megabyte', 'A'.repeat(1024 * 1024), 'MESH_SESSION_INVALID'],
    ['unicode of the length', 'é'.repeat(handleLength), 'MESH_SESSION_INVALID'],
    ['another alphabet', handle.replaceAll(/[-_]/g, '+'), 'MESH_SESSION_INVALID'],
    ['zeros', 'A'.repeat(handleLength), 'MESH_SESSION_INVALID'],
    ['its first bit changed', flip(0), 'MESH_SESSION_INVALID'],
    ['its version changed', flip(12), 'MESH_SESSION_INVALID'],
    ['its id changed', flip(14), 'MESH_SESSION_INVALID'],
    ['its agent changed', flip(30), 'MESH_SESSION_INVALID'],
    ['its tag changed', flip(60), 'MESH_SESSION_INVALID'],
    ['the same bytes, written otherwise', respelt, 'MESH_SESSION_INVALID'],
    ['sealed with another key', otherKey.seal(id), 'MESH_SESSION_INVALID'],
    [
      "another agent's",
      createHandles(key, { agent: 'default/other', principal: 'token' }).seal(id),
      'MESH_SESSION_FOREIGN',
    ],
    [
      'that of another namespace',
      createHandles(key, { agent: 'prod/counter', principal: 'token' }).seal(id),
      'MESH_SESSION_FOREIGN',
    ],
    [
      "another caller's",
      createHandles(key, { agent: 'default/counter', principal: 'other' }).seal(id),
      'MESH_SESSION_FOREIGN',
    ],
    [
      'of the time before there was a token',
      createHandles(key, { agent: 'default/counter', principal: undefined }).seal(id),
      'MESH_SESSION_FOREIGN',
    ],
  ]
  for (const [what, given, code] of cases) {
    if (given === handle) continue // no character to change
    t.throws(() => mine.open(given), { code }, what)
    try {
      mine.open(given)
    } catch (error) {
      t.notMatch(
        (error as Error).message,
        handle.slice(0, 16),
        `${what}: the handle is not repeated`,
      )
      t.ok((error as Error).message.length < 200, what)
    }
  }
})
