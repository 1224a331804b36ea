#!/usr/bin/env node
/** Runs a registry: `mesh-registry [--host H] [--port N] [--store FILE|memory]`. A Node that is too old is told so before it fails. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  const message = `this is Node.js ${process.versions.node}; the mesh runs on 20.19 and newer`
  const mend = 'install Node.js 20.19 or newer'
  process.send?.({ type: 'failed', error: { code: 'MESH_NODE_UNSUPPORTED', message, mend } })
  process.stderr.write(`error MESH_NODE_UNSUPPORTED: ${message}\nmend: ${mend}\n`)
  process.exitCode = 1
} else {
  const { main } = await import('../main.ts')
  await main(process.argv.slice(2))
}

export {} // a module: it uses top-level await
