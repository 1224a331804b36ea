/** Handlers of the resources. */

export const data = ({ id }: { id: string }) => ({
  id,
  templateTest: true,
  data: `Data for ID: ${id}`,
})

export const watched = () => `It is ${new Date().toISOString()}`
