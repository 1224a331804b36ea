interface Session {
  get(key: string): unknown
  set(key: string, value: unknown): void
  end(): void
}

export function count({ by = 1 }: { by?: number }, _: object, { session }: { session: Session }) {
  const total = Number(session.get('total') ?? 0) + by
  session.set('total', total)
  return { total }
}

export function reset(_: object, __: object, { session }: { session: Session }) {
  session.end()
  return 'forgotten'
}
