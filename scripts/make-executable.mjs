// The compiler writes the programs of package.json without the right to run them, and `npx` sets it only once for a folder.
import { chmodSync, readFileSync } from 'node:fs'

const { bin } = JSON.parse(readFileSync('package.json', 'utf8'))
for (const file of Object.values(bin)) chmodSync(file, 0o755)
