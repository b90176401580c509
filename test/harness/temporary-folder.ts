import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];

/** A new empty folder, removed at the end of the test file. Given to `uid` and `gid` when named (needs root). */
export async function temporaryFolder(name: string, uid?: number, gid?: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `model-observation-${name}-`));
  folders.push(folder);
  if (uid !== undefined) await chown(folder, uid, gid ?? uid);
  return folder;
}

/** Removes every folder made so far. */
export async function removeTemporaryFolders(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })));
}
