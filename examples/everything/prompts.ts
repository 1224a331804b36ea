/** Handlers of the prompts and of their completions. */
import { readFile } from 'node:fs/promises'

export const completeSecond = ({ value, arg1 = '' }: { value: string; arg1?: string }) =>
  [`${arg1}test`, 'texas'].filter(one => one.startsWith(value))

export const withResource = ({ resourceUri }: { resourceUri: string }) => [
  {
    type: 'resource',
    resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content.' },
  },
  'Please process the embedded resource above.',
]

export const withImage = async () => [
  {
    type: 'image',
    data: await readFile(new URL('pixel.png', import.meta.url)),
    mimeType: 'image/png',
  },
  'Please analyze the image above.',
]
