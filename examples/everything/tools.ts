/** Handlers of the tools: plain functions. */
import { readFile } from 'node:fs/promises'

const pixel = () => readFile(new URL('pixel.png', import.meta.url))
/** A WAV file of no length. */
const silence = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA='

export const simpleText = () => 'This is a simple text response for testing.'

export const image = async () => ({ type: 'image', data: await pixel(), mimeType: 'image/png' })

export const audio = () => ({ type: 'audio', data: silence, mimeType: 'audio/wav' })

export const embedded = () => ({
  type: 'resource',
  resource: {
    uri: 'test://embedded-resource',
    mimeType: 'text/plain',
    text: 'This is an embedded resource content.',
  },
})

export const mixed = async () => [
  'Multiple content types test:',
  await image(),
  {
    type: 'resource',
    resource: {
      uri: 'test://mixed-content-resource',
      mimeType: 'application/json',
      text: '{"test":"data","value":123}',
    },
  },
]

export function fails(): never {
  throw new Error('This tool intentionally returns an error for testing')
}

type Progress = (progress: number, options: { total: number }) => void

export function withProgress(_args: object, _deps: object, { progress }: { progress: Progress }) {
  for (const done of [0.1, 50, 100]) progress(done, { total: 100 })
  return 'done'
}

interface Place {
  name: string
  country: string
  population: number
}

const places: Place[] = [
  { name: 'Paris', country: 'France', population: 2_100_000 },
  { name: 'Oslo', country: 'Norway', population: 720_000 },
]

export function place({ name }: { name: string }): Place {
  const found = places.find(one => one.name === name)
  if (!found) throw new Error(`no place "${name}" is known`)
  return found
}

/** A dependency is a function; who answers is for the mesh to say. */
export async function compare(
  { one, other }: { one: string; other: string },
  { place }: { place: (args: { name: string }) => Promise<Place> },
) {
  const [a, b] = await Promise.all([place({ name: one }), place({ name: other })])
  return a.population > b.population ? `${a.name} is larger` : `${b.name} is larger`
}

export const region = ({ region }: { region: string }) => `served from ${region}`

export const address = (args: object) => args

const pause = () => new Promise(resolve => setTimeout(resolve, 50))

export async function withLogging(_args: object, _deps: object, { log }: { log: Log }) {
  log.info('Tool execution started')
  await pause()
  log.info('Tool processing data')
  await pause()
  log.info('Tool execution completed')
  return 'done'
}

interface Log {
  info(message: string): void
}
