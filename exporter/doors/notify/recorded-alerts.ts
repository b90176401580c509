import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Files, nodeFiles } from '../../spool/files.js';
import { replaceFile } from '../../spool/replace-file.js';

const VERSION = 1;
const MS_PER_HOUR = 3_600_000;
/** What Alertmanager has not repeated for so long, it will not repeat any more. */
const FORGET_MS = 60 * 24 * MS_PER_HOUR;
/** A repeat is noted no more often. */
const NOTE_MS = MS_PER_HOUR;
/** Beyond, those go whose last repeat is longest ago. */
const MOST = 20_000;

/** The same notifications over again, for as long as an alert fires: which of them are in the spool already. */
export class RecordedAlerts {
  /** By id, when it was last heard of, ms since the epoch; the longest ago first. */
  readonly #seen: Map<string, number>;
  #saving: Promise<void> = Promise.resolve();
  /** A save that has not begun yet, and takes all that is added until then. */
  #nextSave: Promise<void> | null = null;
  #isDirty = false;

  private constructor(
    private readonly file: string,
    private readonly now: () => number,
    private readonly files: Files,
    seen: Iterable<[string, number]>,
  ) {
    this.#seen = new Map([...seen].sort(([, a], [, b]) => a - b));
  }

  /**
   * @param onUnreadable is told where the file cannot be used: what was recorded before may be recorded again then
   * @throws system errors
   */
  static async open(
    file: string,
    onUnreadable: () => void,
    now: () => number = Date.now,
    files: Files = nodeFiles,
  ): Promise<RecordedAlerts> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    try {
      return new RecordedAlerts(file, now, files, parse(await readFile(file, 'utf8')));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== undefined && code !== 'ENOENT') throw error;
      if (code === undefined) onUnreadable();
      return new RecordedAlerts(file, now, files, []);
    }
  }

  has(id: string): boolean {
    return this.#seen.has(id);
  }

  get size(): number {
    return this.#seen.size;
  }

  /**
   * Notes ids that are in the spool, or were heard of again. Returns when that is durable.
   * @throws system errors; the next call tries again
   */
  async note(ids: readonly string[]): Promise<void> {
    const now = this.now();
    for (const id of ids) {
      const seen = this.#seen.get(id);
      if (seen !== undefined && now - seen < NOTE_MS) continue;
      // Behind all others.
      this.#seen.delete(id);
      this.#seen.set(id, now);
      this.#isDirty = true;
    }
    if (this.#isDirty) await this.#save(now);
  }

  #save(now: number): Promise<void> {
    this.#nextSave ??= this.#saving.then(async () => {
      this.#nextSave = null;
      for (const [id, seen] of this.#seen) {
        if (this.#seen.size <= MOST && now - seen <= FORGET_MS) break;
        this.#seen.delete(id);
      }
      this.#isDirty = false;
      const text = Buffer.from(JSON.stringify({ version: VERSION, alerts: Object.fromEntries(this.#seen) }));
      try {
        await replaceFile(this.files, this.file, (fd) => this.files.write(fd, text, 0));
      } catch (error) {
        this.#isDirty = true;
        throw error;
      }
    });
    const save = this.#nextSave;
    this.#saving = save.catch(() => {});
    return save;
  }
}

/** @throws without a code on what no exporter wrote */
function parse(text: string): [string, number][] {
  const saved = JSON.parse(text) as { version?: unknown; alerts?: unknown };
  if (saved.version !== VERSION || typeof saved.alerts !== 'object' || saved.alerts === null) {
    throw new RangeError('The file of recorded alerts has another form');
  }
  const entries = Object.entries(saved.alerts as Record<string, unknown>);
  return entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number');
}
