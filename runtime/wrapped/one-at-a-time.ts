/** Work that is asked for more often than it need be done. */

/** Runs once at a time; asked while it runs, once more after that. */
export function oneAtATime(run: () => Promise<void>): () => void {
  let state: 'idle' | 'running' | 'again' = 'idle'
  const loop = async () => {
    do {
      state = 'running'
      await run()
    } while ((state as string) === 'again')
    state = 'idle'
  }
  return () => {
    if (state === 'idle') void loop()
    else state = 'again'
  }
}
