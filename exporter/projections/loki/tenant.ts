import { createHash } from 'node:crypto';
import { isTenant } from './push/push-client.js';

const ENCODED = /^ws-[0-9a-f]{32}$/;

/**
 * The tenant of a workspace that is its own: its id, where Loki takes that for a tenant's name, and otherwise `ws-` with the first 32
 * hexadecimal digits of the id's SHA-256. An id that looks like one of these is encoded too, so that nobody gets into another's
 * tenant by a name.
 */
export function tenantOfWorkspace(workspace: string): string {
  if (isTenant(workspace) && !ENCODED.test(workspace)) return workspace;
  return `ws-${createHash('sha256').update(workspace).digest('hex').slice(0, 32)}`;
}
