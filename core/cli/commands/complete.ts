/** `meshctl __complete -- WORDS…`: what could stand in place of the last word. Shells call it, people do not. */
import { candidatesFor } from '../completion/complete.ts'
import type { Command } from '../command.ts'
import { printable } from '../output/output.ts'

export const complete: Command = {
  name: '__complete',
  summary: 'Print what the last word could become',
  usage: 'meshctl __complete -- <word>...',
  takes: [0, Infinity],
  hidden: true,
  options: [],
  examples: [{ command: "meshctl __complete -- get ''", about: 'as a shell asks' }],
  async run(words, context) {
    for (const { word, about } of await candidatesFor(words, context)) {
      context.io.out(
        about === undefined ? printable(word) : `${printable(word)}\t${printable(about)}`,
      )
    }
    return 0
  },
}
