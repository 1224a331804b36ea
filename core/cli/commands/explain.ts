/** `meshctl explain CODE`: what a code means and how to mend it; the text of docs/errors.md. */
import { codes, type Code } from '../../model/codes.ts'
import type { Command } from '../command.ts'
import { missing } from '../nearest.ts'
import { printValue } from '../output.ts'

export const explain: Command = {
  name: 'explain',
  summary: 'Say what an error code means and how to mend it',
  usage: 'meshctl explain <code>',
  takes: [1, 1],
  options: [{ flags: '-o, --output <form>', about: 'how to print', choices: ['json', 'yaml'] }],
  examples: [{ command: 'meshctl explain MESH_PORT_TAKEN', about: 'what to do about it' }],
  async run([word = ''], { io, options }) {
    const code = word.toUpperCase()
    if (!isCode(code)) {
      const found = `no error has the code "${word}"`
      throw missing({ found, name: code, known: Object.keys(codes), see: 'docs/errors.md' })
    }
    const { about, mend, status, exit } = codes[code]
    if (printValue(io, options, { code, about, mend, status, exit })) return 0
    io.out(`${code}: ${about}`)
    io.out(`mend: ${mend}`)
    io.out(`HTTP status ${status}, exit code ${exit}`)
    return 0
  },
}

const isCode = (text: string): text is Code => Object.hasOwn(codes, text)
