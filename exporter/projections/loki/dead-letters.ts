import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogEntry } from './entry.js';
import type { DeadLetterSink } from './push/dead-letter-sink.js';
import { streamName } from './push/stream.js';

/** An entry that Loki refused for good, and why. */
export interface DeadLetter {
  /** From the entry and its tenant: the same entry has the same id. */
  readonly id: string;
  readonly tenant: string;
  /** Loki's message to the letter. */
  readonly reason: string;
  /** ms since the epoch. */
  readonly refusedAt: number;
  readonly entry: LogEntry;
  /** The time that it has been given for sending it again, ns since the epoch; null = none yet. */
  readonly stampNs: bigint | null;
}

export interface DeadLettersOptions {
  /** A folder of their own. It is made if it is not there. */
  readonly folder: string;
  /** Beyond this the oldest file goes, with the letters in it. */
  readonly maxBytes: number;
  /**
   * Whether files may be removed: by the exporter, which holds the data directory's lock. Another process beside it only adds
   * files of its own.
   */
  readonly owner: boolean;
  /** ms since the epoch. */
  readonly now?: () => number;
}

interface LetterLine {
  letter: string;
  tenant: string;
  reason: string;
  refused_at: string;
  labels: Record<string, string>;
  timestamp_ns: string;
  line: string;
  metadata: [string, string][];
}

/** One line of a file. */
type Line = LetterLine | { stamped: string; timestamp_ns: string } | { removed: string };

/** A letter that is about to be written. */
interface Waiting {
  entry: LogEntry;
  tenant: string;
  reason: string;
  resolve: () => void;
  reject: (error: unknown) => void;
}

interface LetterFile {
  readonly name: string;
  bytes: number;
  /** Ids of the letters in it that have not been removed. */
  readonly letters: Set<string>;
}

const NAME = /^dead-letters-(\d{8})\.ndjson$/;
/** So many files share the budget: what goes at once is one of them. */
const FILES = 8;
/** Structured metadata of an entry that is sent again: its time before. */
export const ORIGINAL_TIMESTAMP = 'original_timestamp_ns';

/**
 * Dead letters in a folder: files of NDJSON that are only ever added to, each line durable before it counts. A line that was
 * torn by a crash is passed over. Files and folder are for their owner alone: letters hold content.
 */
export class DeadLetters implements DeadLetterSink {
  readonly #options: DeadLettersOptions;
  readonly #now: () => number;
  #files: LetterFile[] = [];
  /** Which letters have been given a time. */
  #stamps = new Map<string, bigint>();
  #latestStamp = 0n;
  /** The file that this process adds to. */
  #current: { handle: FileHandle; file: LetterFile } | null = null;
  /** One writes after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #dropped = 0;
  #waiting: Waiting[] = [];

  private constructor(options: DeadLettersOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** @throws system errors */
  static async open(options: DeadLettersOptions): Promise<DeadLetters> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const letters = new DeadLetters(options);
    await letters.refresh();
    return letters;
  }

  /** Letters that are kept. */
  get count(): number {
    return this.#files.reduce((sum, { letters }) => sum + letters.size, 0);
  }

  get bytes(): number {
    return this.#files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Letters lost to the budget since this process started. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Reads again what is there: another process may have sent letters. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const files: LetterFile[] = [];
      const stamps = new Map<string, bigint>();
      for (const name of await this.#names()) {
        const file: LetterFile = { name, bytes: 0, letters: new Set() };
        files.push(file);
        file.bytes = await this.#read(name, (line) => {
          if ('stamped' in line) stamps.set(line.stamped, BigInt(line.timestamp_ns));
          else {
            // One that stands twice, after a failed sync, counts where it lives longer.
            for (const { letters } of files) letters.delete('letter' in line ? line.letter : line.removed);
            if ('letter' in line) file.letters.add(line.letter);
          }
        });
      }
      const writing = this.#current?.file.name;
      this.#files = files;
      if (this.#current !== null) {
        const file = files.find(({ name }) => name === writing);
        if (file === undefined) await this.#closeCurrent();
        else this.#current = { handle: this.#current.handle, file };
      }
      this.#stamps = stamps;
      for (const stamp of stamps.values()) if (stamp > this.#latestStamp) this.#latestStamp = stamp;
      await this.#removeFiles();
    });
  }

  /** Letters that come while others are being written share one sync. */
  add(entry: LogEntry, tenant: string, reason: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, tenant, reason, resolve, reject });
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#addWaiting());
    });
  }

  /** The letters, oldest first; what has been removed meanwhile is left out. One file of them is in memory at a time. */
  async *list(): AsyncGenerator<DeadLetter> {
    await this.refresh();
    for (const { name, letters } of [...this.#files]) {
      const found = new Map<string, DeadLetter>();
      await this.#read(name, (line) => {
        if ('letter' in line && letters.has(line.letter)) found.set(line.letter, this.#letterOf(line));
      });
      yield* found.values();
    }
  }

  /**
   * The entries as they are to be sent again: with a time of now, so that Loki takes them however old they are, and their own time in
   * structured metadata. The times are made durable before they are given out and stay the same, so that sending one twice does not
   * make two.
   */
  stamp(letters: readonly DeadLetter[]): Promise<LogEntry[]> {
    return this.#inTurn(async () => {
      const fresh = new Map<string, bigint>();
      let latest = this.#latestStamp;
      for (const { id } of letters) {
        if (this.#stamps.has(id)) continue;
        const nowNs = BigInt(this.#now()) * 1_000_000n;
        latest = nowNs > latest ? nowNs : latest + 1n;
        fresh.set(id, latest);
      }
      const lines = [...fresh].map(([id, stampNs]): Line => ({ stamped: id, timestamp_ns: stampNs.toString() }));
      if (lines.length > 0) await this.#append(lines);
      this.#latestStamp = latest;
      for (const [id, stampNs] of fresh) this.#stamps.set(id, stampNs);
      return letters.map(({ id, entry }) => stamped(entry, this.#stamps.get(id)!));
    });
  }

  /** Takes letters out, once they have arrived. */
  remove(letters: readonly DeadLetter[]): Promise<void> {
    return this.#inTurn(async () => {
      if (letters.length === 0) return;
      await this.#append(letters.map(({ id }) => ({ removed: id })));
      for (const { id } of letters) {
        for (const file of this.#files) file.letters.delete(id);
        this.#stamps.delete(id);
      }
      await this.#removeFiles();
    });
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#closeCurrent());
  }

  async #addWaiting(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    const lines = new Map<string, LetterLine>();
    for (const { entry, tenant, reason } of waiting) {
      const id = idOf(entry, tenant);
      if (this.#files.some(({ letters }) => letters.has(id))) continue;
      lines.set(id, lineOf(id, entry, tenant, reason, this.#now()));
    }
    try {
      if (lines.size > 0) {
        const file = await this.#append([...lines.values()]);
        for (const id of lines.keys()) file.letters.add(id);
        await this.#removeFiles();
      }
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #names(): Promise<string[]> {
    return (await readdir(this.#options.folder)).filter((name) => NAME.test(name)).sort();
  }

  /** @returns the file's bytes */
  async #read(name: string, visit: (line: Line) => void): Promise<number> {
    let bytes: Buffer;
    try {
      bytes = await readFile(join(this.#options.folder, name));
    } catch (error) {
      unlessGone(error as NodeJS.ErrnoException);
      return 0;
    }
    let from = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, from)) {
      const line = parse(bytes.toString('utf8', from, end));
      if (line !== null) visit(line);
      from = end + 1;
    }
    return bytes.length;
  }

  #letterOf(line: LetterLine): DeadLetter {
    const { letter, tenant, reason, refused_at, labels, timestamp_ns, metadata } = line;
    return {
      id: letter,
      tenant,
      reason,
      refusedAt: Date.parse(refused_at),
      entry: { labels, timestampNs: BigInt(timestamp_ns), line: line.line, metadata },
      stampNs: this.#stamps.get(letter) ?? null,
    };
  }

  /** Returns when the lines are durable. */
  async #append(lines: readonly Line[]): Promise<LetterFile> {
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const most = Math.floor(this.#options.maxBytes / FILES);
    if (this.#current !== null && this.#current.file.bytes > 0 && this.#current.file.bytes + bytes.length > most) {
      await this.#closeCurrent();
    }
    this.#current ??= await this.#newFile();
    const { handle, file } = this.#current;
    try {
      await handle.appendFile(bytes);
      await handle.datasync();
    } catch (error) {
      // What stands in the file now is not known, so nothing more goes into it: the next line must not join a torn one.
      await this.#closeCurrent().catch(() => {});
      throw error;
    }
    file.bytes += bytes.length;
    return file;
  }

  async #newFile(): Promise<{ handle: FileHandle; file: LetterFile }> {
    const { folder } = this.#options;
    const latest = (await this.#names()).at(-1);
    for (let number = Number(NAME.exec(latest ?? '')?.[1] ?? 0) + 1; ; number += 1) {
      const name = `dead-letters-${String(number).padStart(8, '0')}.ndjson`;
      try {
        const handle = await open(join(folder, name), 'ax', 0o600);
        await syncDirectory(folder);
        const file: LetterFile = { name, bytes: 0, letters: new Set() };
        this.#files.push(file);
        return { handle, file };
      } catch (error) {
        // Another process was faster.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  async #closeCurrent(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    await current?.handle.close();
  }

  /** From the oldest on: what holds no letter any more, and what the budget has no room for. */
  async #removeFiles(): Promise<void> {
    if (!this.#options.owner) return;
    for (;;) {
      const oldest = this.#files[0];
      if (oldest === undefined || oldest === this.#current?.file) return;
      if (oldest.letters.size > 0 && this.bytes <= this.#options.maxBytes) return;
      await unlink(join(this.#options.folder, oldest.name)).catch(unlessGone);
      this.#dropped += oldest.letters.size;
      for (const id of oldest.letters) this.#stamps.delete(id);
      this.#files.shift();
    }
  }
}

function lineOf(id: string, entry: LogEntry, tenant: string, reason: string, now: number): LetterLine {
  return {
    letter: id,
    tenant,
    reason,
    refused_at: new Date(now).toISOString(),
    labels: { ...entry.labels },
    timestamp_ns: entry.timestampNs.toString(),
    line: entry.line,
    metadata: entry.metadata.map(([name, value]) => [name, value]),
  };
}

function stamped({ labels, timestampNs, line, metadata }: LogEntry, stampNs: bigint): LogEntry {
  const had = metadata.some(([name]) => name === ORIGINAL_TIMESTAMP);
  const own: [string, string][] = had ? [] : [[ORIGINAL_TIMESTAMP, timestampNs.toString()]];
  const sorted = [...metadata, ...own].sort(([a], [b]) => (a < b ? -1 : 1));
  return { labels, timestampNs: stampNs, line, metadata: sorted };
}

function idOf({ labels, timestampNs, line, metadata }: LogEntry, tenant: string): string {
  const whole = JSON.stringify([tenant, streamName(labels), timestampNs.toString(), line, metadata]);
  return createHash('sha256').update(whole).digest('hex').slice(0, 16);
}

function parse(text: string): Line | null {
  try {
    const line = JSON.parse(text) as unknown;
    const known =
      typeof line === 'object' && line !== null && ('letter' in line || 'stamped' in line || 'removed' in line);
    return known ? (line as Line) : null;
  } catch {
    return null;
  }
}

async function syncDirectory(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
