import * as path from 'node:path';
import type { Files } from './files.js';

/**
 * Puts a file in the place of another as a whole: after a crash it is there as it was before or after. Returns when that is durable.
 * @param write writes all of the new file, which is open and empty
 * @throws system errors, and what `write` throws; the old file is there then
 */
export async function replaceFile(files: Files, file: string, write: (fd: number) => Promise<void>): Promise<void> {
  const unfinished = `${file}.tmp`;
  await files.remove(unfinished).catch(() => {});
  try {
    const fd = await files.open(unfinished, 'create');
    try {
      await write(fd);
      await files.sync(fd);
    } finally {
      await files.close(fd);
    }
    await files.rename(unfinished, file);
  } catch (error) {
    // On a full disk what is half written takes the room for the next try.
    await files.remove(unfinished).catch(() => {});
    throw error;
  }
  await files.syncDirectory(path.dirname(file));
}
