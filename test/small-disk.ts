import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './harness/temporary-folder.js';

const disks = new Set<SmallDisk>();

// A mount outlives whoever made it.
process.on('exit', () => {
  for (const disk of disks) disk.release();
});

/** A file system of a few MB of its own, to fill up. */
export class SmallDisk {
  readonly #ballast: string;

  private constructor(
    readonly path: string,
    /** For the data directory of an exporter. */
    readonly dataDir = join(path, 'data'),
  ) {
    this.#ballast = join(path, 'ballast');
  }

  /** @throws when a tmpfs cannot be mounted here */
  static async create(mebibytes: number): Promise<SmallDisk> {
    const path = await temporaryFolder('disk');
    mount('-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path);
    const disk = new SmallDisk(path);
    disks.add(disk);
    return disk;
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path);
    return bavail * bsize;
  }

  /** Fills it up with a file until no more than so many bytes are free. */
  async fill(leaveFree: number): Promise<void> {
    const file = await open(this.#ballast, 'a');
    try {
      for (let left = (await this.freeBytes()) - leaveFree; left > 0; left = (await this.freeBytes()) - leaveFree) {
        await file.write(Buffer.alloc(Math.min(left, 65_536)));
      }
    } finally {
      await file.close();
    }
  }

  /** Takes the file away again. */
  async empty(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  makeReadOnly(): void {
    mount('-o', 'remount,ro', this.path);
  }

  release(): void {
    // Lazily: a process that was killed a moment ago may still hold a file of it.
    spawnSync('umount', ['-l', this.path]);
    disks.delete(this);
  }
}

function mount(...args: string[]): void {
  const { status, stderr, error } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim());
}

/** Why there can be no small disk here; null when there can. */
export async function whyNoSmallDisk(): Promise<string | null> {
  if (process.platform !== 'linux') return 'a tmpfs is mounted for it, which needs Linux';
  if (process.getuid?.() !== 0) return 'a tmpfs is mounted for it, which needs root';
  const folder = await temporaryFolder('disk');
  try {
    mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder);
    spawnSync('umount', [folder]);
    return null;
  } catch (error) {
    return `a tmpfs is mounted for it, which is not allowed here (${(error as Error).message})`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
