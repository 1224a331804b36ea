/** Handlers of the resources. */

export const data = ({ id }: { id: string }) => ({
  id,
  templateTest: true,
  data: `Data for ID: ${id}`,
})
