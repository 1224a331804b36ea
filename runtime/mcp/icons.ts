/** Pictures as lists and server info show them; nothing where there are none. */
import type { Icon } from '../../core/model/agent.ts'

export const iconsOf = ({ icons }: { icons: readonly Icon[] }): { icons?: Icon[] } =>
  icons.length === 0 ? {} : { icons: [...icons] }
