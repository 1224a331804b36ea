/**
 * Announces this process to the registry: the digest of what it serves, and the whole manifest only when the registry
 * asks for it.
 */
import type { RegistryClient } from '../core/client/registry-client.ts'
import { hasCode } from '../core/model/error.ts'
import type { Manifest } from '../core/model/manifest.ts'
import type { Announcement, AnnouncementReceipt } from '../core/model/registry-api.ts'

export async function announce(
  client: RegistryClient,
  announcement: Announcement,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<AnnouncementReceipt> {
  try {
    return await client.announce(announcement, signal)
  } catch (error) {
    if (!hasCode(error, 'MESH_MANIFEST_REQUIRED')) throw error
    return client.announce({ ...announcement, manifest }, signal)
  }
}
