/** `meshctl completion SHELL`: the script by which a shell completes commands, flags and the names that live. */
import type { Command } from '../command.ts'
import { scripts } from '../completion/completion-scripts.ts'
import { missing } from '../line/nearest.ts'

const shells = Object.keys(scripts)

export const completion: Command = {
  name: 'completion',
  summary: 'Print the script that makes a shell complete command lines',
  usage: 'meshctl completion {bash | zsh | fish}',
  takes: [1, 1],
  about:
    'Commands, flags and their values, files, and the names of agents, instances, tools, namespaces and contexts, asked of the ' +
    'registry as the line is written; where none answers within a second there are no names.',
  options: [],
  examples: [
    { command: 'source <(meshctl completion bash)', about: 'bash: in ~/.bashrc' },
    { command: 'source <(meshctl completion zsh)', about: 'zsh: in ~/.zshrc, after compinit' },
    {
      command: 'meshctl completion fish > ~/.config/fish/completions/meshctl.fish',
      about: 'fish: once',
    },
  ],
  completes: args => (args.length === 0 ? shells : undefined),
  async run([shell = ''], { io }) {
    const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
    if (script === undefined) {
      throw missing(
        {
          found: `"${shell}" is no shell that is known`,
          name: shell,
          known: shells,
          see: completion.usage,
        },
        'MESH_USAGE_INVALID',
      )
    }
    io.out(script)
    return 0
  },
}
