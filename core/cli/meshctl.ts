#!/usr/bin/env node
/**
 * The bin: checks the Node version before anything else is loaded, since an old Node fails on what is loaded with an error
 * that nobody understands; then hands the process over to main.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `error MESH_NODE_UNSUPPORTED: this is Node.js ${process.versions.node}, which is too old\n` +
      'mend: install Node.js 20.19 or newer',
  )
  process.exit(1)
}
const { runProcess } = await import('./process.ts')
await runProcess()

export {}
