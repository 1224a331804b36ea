/** What a `subscriptions/listen` begins besides what the SDK does: tasks that are watched, resources that are subscribed to elsewhere. */
import type { ServerResponse } from 'node:http'
import { replyJson } from '../http/reply.ts'
import { missingCapability } from '../tasks/refusals.ts'
import { declaresTasks } from '../tasks/task.ts'
import type { TaskRequests } from '../tasks/tasks.ts'
import type { TaskWatch } from '../tasks/watch-tasks.ts'
import { isRecord } from './content.ts'
import { ListenStream, readListening, withTools } from './listen-stream.ts'
import { mostUris } from '../clients/store.ts'
import { WantedResources, type Subscriptions } from './subscriptions.ts'
import { RpcError } from './rpc-error.ts'

export interface ListeningMeans {
  tasks: Pick<TaskRequests, 'watch'> | undefined
  subscriptions: Subscriptions | undefined
}

/** In whose place the SDK writes, and what it reads; `answered` where it has nothing to do; undefined where it needs no help. */
export async function beginListening(
  message: unknown,
  response: ServerResponse,
  { tasks, subscriptions }: ListeningMeans,
): Promise<{ stream: ListenStream; body: Buffer } | 'answered' | undefined> {
  const listening = readListening(message)
  if (!listening) return undefined
  await subscribe(listening.uris, response, subscriptions)
  if (!tasks || listening.taskIds.length === 0) return undefined
  if (!declaresTasks(capabilitiesIn(message))) {
    refuse(response, listening.id, missingCapability())
    return 'answered'
  }
  const told: { stream?: ListenStream } = {}
  let watch: TaskWatch
  try {
    const tell = (task: Record<string, unknown>) => told.stream?.tell('notifications/tasks', task)
    watch = await tasks.watch(listening.taskIds, tell)
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    refuse(response, listening.id, error)
    return 'answered'
  }
  response.on('close', () => watch.close())
  if (response.destroyed) watch.close()
  const stream = new ListenStream(response, listening, {
    honored: watch.ids,
    onBegin: () => watch.begin(),
  })
  told.stream = stream
  return { stream, body: withTools(message) }
}

/** While the client is there. */
async function subscribe(
  uris: readonly string[],
  response: ServerResponse,
  subscriptions: Subscriptions | undefined,
): Promise<void> {
  const wanted = new WantedResources(subscriptions)
  let isGone = response.destroyed
  response.on('close', () => {
    isGone = true
    void wanted.be([])
  })
  if (!isGone) await wanted.be(uris.slice(0, mostUris))
}

const lacking = -32021

function capabilitiesIn(message: unknown): unknown {
  const params = isRecord(message) ? message['params'] : undefined
  const meta = isRecord(params) ? params['_meta'] : undefined
  return isRecord(meta) ? meta['io.modelcontextprotocol/clientCapabilities'] : undefined
}

function refuse(response: ServerResponse, id: unknown, { code, message, data }: RpcError): void {
  replyJson(response, code === lacking ? 400 : 200, {
    jsonrpc: '2.0',
    id,
    error: { code, message, data },
  })
}
