/** Handlers of the resources. */

export const data = ({ id }: { id: string }) => ({
  id,
  templateTest: true,
  data: `Data for ID: ${id}`,
})

/** `date` calls another agent; it is undefined where none offers it. */
export const day = async (
  { zone }: { zone: string },
  { date }: { date?: (args: { zone: string }) => Promise<string> },
) => (date ? `It is ${await date({ zone })}` : 'Nobody knows')

export const watched = () => `It is ${new Date().toISOString()}`
