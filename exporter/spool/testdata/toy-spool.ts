import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ArrivalClock } from '../arrival-clock.js';
import type { SkippedFrames } from '../cursors/cursors.js';
import { DataDirectory } from '../data-directory.js';
import { FRAME_KINDS } from '../frame.js';
import type { Group } from '../group.js';
import { IdHash } from '../id-hash.js';
import { type RecoveryReport, Spool, type SpoolOptions } from '../spool.js';
import { FaultyFiles } from './faulty-files.js';
import { ToyProjection } from './toy-projection.js';

const folders: string[] = [];
const open = new Set<ToySpool>();

/** A new empty folder; `cleanUp` removes it. */
export function scratchFolder(): string {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'spool-'));
  folders.push(folder);
  return folder;
}

/** To be called after each test: closes what is open, removes every folder. */
export async function cleanUp(): Promise<void> {
  for (const toy of [...open]) {
    toy.files.heal();
    await toy.close();
  }
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

/** What a crash of the machine's process leaves: a copy of the files, without the lock. */
export function copyOf(dataDir: string): string {
  const copy = path.join(scratchFolder(), 'data');
  fs.cpSync(dataDir, copy, { recursive: true, filter: (file) => !file.endsWith('.sock') });
  return copy;
}

export type Answer = 'accepted' | 'duplicate';

/** A spool with a toy projection, fed as the intake feeds it. */
export class ToySpool {
  recovered: RecoveryReport | null = null;
  readonly commitFailures: { error: Error; intact: boolean }[] = [];
  readonly snapshotFailures: Error[] = [];
  readonly snapshots: number[] = [];
  readonly commits: number[] = [];
  readonly reserve: ('reached' | 'free')[] = [];
  readonly skips: (SkippedFrames & { cursor: string })[] = [];
  /** What else was told of cursors, in words. */
  readonly cursorNews: string[] = [];
  readonly #hash: IdHash;

  private constructor(
    readonly dataDir: string,
    readonly files: FaultyFiles,
    readonly directory: DataDirectory,
    readonly projection: ToyProjection,
    readonly clock: ArrivalClock,
  ) {
    this.#hash = new IdHash(directory.idKey);
  }

  spool!: Spool<string>;

  static async open(
    dataDir: string = path.join(scratchFolder(), 'data'),
    options: Partial<SpoolOptions<string>> & { files?: FaultyFiles; projection?: ToyProjection } = {},
  ): Promise<ToySpool> {
    const files = options.files ?? new FaultyFiles();
    const directory = await DataDirectory.open(dataDir, () => {});
    const clock = options.clock ?? new ArrivalClock();
    const toy = new ToySpool(dataDir, files, directory, options.projection ?? new ToyProjection(), clock);
    try {
      toy.spool = await Spool.open<string>({
        segmentBytes: 1 << 20,
        snapshotIntervalMs: 3_600_000,
        snapshotBytes: 1 << 30,
        freeDiskReserveBytes: 0,
        duplicateWindowMs: 86_400_000,
        duplicateWindowEntries: 8192,
        observer: {
          recovered: (report) => {
            toy.recovered = report;
          },
          committed: (records) => toy.commits.push(records),
          commitFailed: (error, intact) => toy.commitFailures.push({ error, intact }),
          snapshotSaved: (sequence) => toy.snapshots.push(sequence),
          snapshotFailed: (error) => toy.snapshotFailures.push(error),
          diskReserve: (reached) => toy.reserve.push(reached === null ? 'free' : 'reached'),
          skipped: (cursor, what) => toy.skips.push({ cursor, ...what }),
          framesMissing: (cursor, frames) => toy.cursorNews.push(`${cursor}: ${frames} missing`),
          cursorReset: (cursor, position, reason) => toy.cursorNews.push(`${cursor}: at ${position}, ${reason}`),
          cursorRemoved: (cursor) => toy.cursorNews.push(`${cursor}: removed`),
          cursorFailed: (error) => toy.cursorNews.push(`failed: ${error.message}`),
        },
        ...options,
        directory,
        files,
        clock,
        projection: toy.projection,
      });
    } catch (error) {
      await directory.release();
      throw error;
    }
    open.add(toy);
    return toy;
  }

  /** @returns the group that decides over the id, or null for one that is remembered */
  offer(id: string, content: Uint8Array | null = null): { group: Group<string> | null; answer: Answer } {
    this.#hash.hash(1, 2, id);
    const { low, high } = this.#hash;
    const pending = this.spool.pending(low, high);
    if (pending !== null) return { group: pending, answer: 'duplicate' };
    if (this.spool.remembers(low, high)) return { group: null, answer: 'duplicate' };
    const meta = JSON.stringify({ id });
    const group = this.spool.append(FRAME_KINDS.call, this.clock.now(), low, high, meta, content, id);
    return { group, answer: 'accepted' };
  }

  /** Resolves as an answer of the door would come. */
  async send(id: string, content: Uint8Array | null = null): Promise<Answer> {
    const { group, answer } = this.offer(id, content);
    await group?.durable;
    return answer;
  }

  /** One group a record, so that each has a commit of its own. */
  async sendEach(...ids: string[]): Promise<void> {
    for (const id of ids) await this.send(id);
  }

  /** What a kill -9 at this moment would leave. */
  crash(): string {
    return copyOf(this.dataDir);
  }

  async close(): Promise<void> {
    if (!open.delete(this)) return;
    await this.spool.close();
    await this.directory.release();
  }

  /** The names in one of the folders. */
  list(folder: 'segments' | 'snapshots' | 'window' | 'set-aside' | 'cursors'): string[] {
    return listOf(this.dataDir, folder);
  }
}

export function listOf(dataDir: string, folder: string): string[] {
  return fs.readdirSync(path.join(dataDir, folder)).sort();
}

/** Flips a bit of a file. */
export function flip(file: string, at: number, bit = 0): void {
  const bytes = fs.readFileSync(file);
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = bytes[index]! ^ (1 << bit);
  fs.writeFileSync(file, bytes);
}
