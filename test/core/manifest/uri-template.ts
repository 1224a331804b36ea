import t from 'tap'
import { templateFault, uriMatcher, variablesOf } from '../../../core/manifest/uri-template.ts'

t.test('a URI gives the values of its template, decoded, or does not fit', async t => {
  const cases: [template: string, uri: string, values: Record<string, string> | undefined][] = [
    ['test://{id}/data', 'test://123/data', { id: '123' }],
    ['test://{id}/data', 'test://a%20b/data', { id: 'a b' }],
    ['test://{id}/data', 'test://a%2Fb/data', { id: 'a/b' }],
    ['test://{id}/data', 'test://a/b/data', undefined],
    ['test://{id}/data', 'test:///data', undefined],
    ['test://{id}/data', 'test://1/data/more', undefined],
    ['test://{id}/data', 'test://%zz/data', undefined],
    ['f://{+path}', 'f://a/b/c.txt', { path: 'a/b/c.txt' }],
    ['f://{user}/{+path}', 'f://ada/x/y', { user: 'ada', path: 'x/y' }],
    ['f://{a}-{b}', 'f://x-y-z', { a: 'x', b: 'y-z' }],
    ['f://{a}.(b)', 'f://x.(b)', { a: 'x' }],
    ['f://{__proto__}', 'f://x', undefined],
  ]
  for (const [template, uri, values] of cases.slice(0, -1))
    t.strictSame(uriMatcher(template)(uri), values, `${template} ${uri}`)
  t.strictSame(Object.entries(uriMatcher('f://{__proto__}')('f://x') ?? {}), [['__proto__', 'x']])
  const long = uriMatcher('f://{a}x{b}x{c}y')
  t.equal(
    long(`f://${'x'.repeat(200_000)}`),
    undefined,
    'a hostile URI costs no more than its length',
  )
})

t.test('a template that cannot be matched is told', async t => {
  t.equal(templateFault('a://{b}/{+c}'), undefined)
  t.match(templateFault('a://{b'), /holds "\{b"/)
  t.match(templateFault('a://{?q}'), /holds "\{\?q\}"/)
  t.match(templateFault('a://b'), /no variable/)
  t.match(templateFault('a://{b}{c}'), /nothing between/)
  t.match(templateFault('a://{b}/{b}'), /twice/)
  t.strictSame(variablesOf('a://{b}/{+c}'), ['b', 'c'])
})
