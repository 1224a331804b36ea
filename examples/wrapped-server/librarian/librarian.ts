/** Notes on a subject; where they are kept is the mesh's business. */
export async function note(
  { subject, text }: { subject: string; text: string },
  { remember, recall }: Record<'remember' | 'recall', (args: object) => Promise<unknown>>,
) {
  await remember({ entities: [{ name: subject, entityType: 'note', observations: [text] }] })
  const { entities } = (await recall({ query: subject })) as {
    entities: { observations: string[] }[]
  }
  return entities.flatMap(({ observations }) => observations)
}
