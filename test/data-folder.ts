import { createHash } from 'node:crypto';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What stands at the beginning of every frame of a segment. */
const FRAME_MAGIC = Buffer.from([0xf5, 0x4d, 0x4f, 0x46]);

/** Segment files, oldest first. */
export function segmentsIn(dataDir: string): Promise<string[]> {
  return filesIn(join(dataDir, 'segments'), '.seg');
}

/** Snapshot files, oldest first. */
export function snapshotsIn(dataDir: string): Promise<string[]> {
  return filesIn(join(dataDir, 'snapshots'), '.snap');
}

/** Damaged ranges that were set aside. */
export function setAsideIn(dataDir: string): Promise<string[]> {
  return filesIn(join(dataDir, 'set-aside'), '');
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
  return names.map((name) => join(folder, name));
}

/** Where the frames of a segment begin. */
export async function framesIn(segment: string): Promise<number[]> {
  const bytes = await readFile(segment);
  const offsets: number[] = [];
  for (let at = bytes.indexOf(FRAME_MAGIC); at !== -1; at = bytes.indexOf(FRAME_MAGIC, at + 1)) offsets.push(at);
  return offsets;
}

/** Turns over all bits of one byte; a negative offset counts from the end. */
export async function flipByte(file: string, offset: number): Promise<void> {
  const at = offset < 0 ? (await stat(file)).size + offset : offset;
  const byte = (await readFile(file))[at];
  if (byte === undefined) throw new Error(`${file} has no byte ${at}`);
  await overwrite(file, at, Buffer.from([byte ^ 0xff]));
}

export async function overwrite(file: string, offset: number, bytes: Buffer): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.write(bytes, 0, bytes.length, offset);
  } finally {
    await handle.close();
  }
}

/** Every file of a folder by its path, with a hash of what is in it; sockets, which come and go, are left out. */
export async function contentsOf(folder: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    contents[file] = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  }
  return contents;
}
