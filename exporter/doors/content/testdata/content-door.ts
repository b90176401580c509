import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Call } from '../../../call/call.js';
import { decodeMeta } from '../../../call/meta.js';
import { Pricing } from '../../../call/pricing.js';
import type { LogsSettings, RedactionSettings } from '../../../config/settings.js';
import { ArrivalClock } from '../../../spool/arrival-clock.js';
import { DataDirectory } from '../../../spool/data-directory.js';
import { nodeFiles } from '../../../spool/files.js';
import { IdHash } from '../../../spool/id-hash.js';
import type { RequiredProjection } from '../../../spool/projection.js';
import { scanSegment } from '../../../spool/segment.js';
import { Spool } from '../../../spool/spool.js';
import { scratchFolder } from '../../../spool/testdata/toy-spool.js';
import { Callers } from '../../caller.js';
import { admitBody } from '../../calls/admit-body.js';
import type { RecordFormat } from '../../calls/content-type.js';
import { Intake, type Receipt } from '../../intake.js';
import { ContentIntake, type ContentIntakeOptions } from '../content-intake.js';

export interface ContentDoorOptions {
  logs?: Partial<LogsSettings>;
  redaction?: Partial<RedactionSettings>;
  hasLoki?: boolean;
  threads?: NonNullable<ContentIntakeOptions['threads']>;
}

/** What stands in a frame. */
export interface KeptCall {
  call: Call;
  /** null = none. */
  content: string | null;
}

const LIMITS = { batchRecords: 10_000, recordBytes: 32 << 20, nestingDepth: 64 };

/** The door's way from a body to the segment files, without HTTP and metrics. */
export class ContentDoor {
  /** What was told of replaced strings, of withheld content, and of threads that failed. */
  readonly redacted: Readonly<Record<string, number>>[] = [];
  readonly withheld: string[] = [];
  readonly failures: string[] = [];
  readonly #folder: string;
  readonly #directory: DataDirectory;
  readonly #spool: Spool<Call>;
  readonly #content: ContentIntake;
  readonly #intake: Intake;
  #closed: Promise<void> | null = null;

  private constructor(folder: string, directory: DataDirectory, spool: Spool<Call>, options: ContentDoorOptions) {
    this.#folder = folder;
    this.#directory = directory;
    this.#spool = spool;
    this.#content = new ContentIntake({
      logs: { default: 'masked', workspaces: new Map(), models: [], sampleRate: 1, ...options.logs },
      redaction: { detectors: new Map(), patterns: [], keepMedia: false, ...options.redaction },
      hasLoki: options.hasLoki ?? true,
      hashKey: directory.secretKey,
      redacted: (counts) => this.redacted.push(counts),
      withheld: (reason) => this.withheld.push(reason),
      threadFailed: (error) => this.failures.push(error.message),
      ...(options.threads && { threads: options.threads }),
    });
    const idHash = new IdHash(directory.idKey);
    this.#intake = new Intake({
      spool,
      clock: new ArrivalClock(),
      wall: Date.now,
      idHash,
      callers: new Callers({
        idHash,
        secretKey: directory.secretKey,
        apikeyAliases: new Map(),
        monitoring: { default: 'advanced', workspaces: new Map() },
      }),
      pricing: new Pricing({ models: new Map() }),
      lateAfterMs: 600_000,
      content: this.#content,
    });
  }

  static async open(options: ContentDoorOptions = {}): Promise<ContentDoor> {
    const folder = join(scratchFolder(), 'data');
    const directory = await DataDirectory.open(folder, () => {});
    const spool = await Spool.open<Call>({
      directory,
      files: nodeFiles,
      clock: new ArrivalClock(),
      projection: NOTHING,
      observer: DEAF,
      segmentBytes: 64 << 20,
      snapshotIntervalMs: 3_600_000,
      snapshotBytes: 1 << 30,
      freeDiskReserveBytes: 0,
      duplicateWindowMs: 86_400_000,
      duplicateWindowEntries: 8192,
    });
    return new ContentDoor(folder, directory, spool, options);
  }

  /** Takes a body in, and waits until it is durable. @throws HttpProblem */
  async send(
    body: Buffer | string,
    format: RecordFormat = 'ndjson',
    caller: { workspace?: string; idempotencyKey?: string } = {},
    limits: Partial<typeof LIMITS> = {},
  ): Promise<Receipt> {
    const admission = this.#intake.begin(caller.workspace ?? null);
    const key = caller.idempotencyKey ?? null;
    await admitBody(Buffer.from(body), format, key, { ...LIMITS, ...limits }, admission);
    return admission.settle();
  }

  /** Every frame that is on disk, in order. Closes the door. */
  async kept(): Promise<KeptCall[]> {
    const kept: KeptCall[] = [];
    for (const bytes of await this.#segments()) {
      scanSegment(bytes, ({ metaStart, metaEnd, end }) => {
        const content = metaEnd === end ? null : bytes.toString('utf8', metaEnd, end);
        kept.push({ call: decodeMeta(bytes.toString('utf8', metaStart, metaEnd)), content });
      });
    }
    return kept;
  }

  /** The segment files as text, whatever is in them. Closes the door. */
  async segmentText(): Promise<string> {
    return Buffer.concat(await this.#segments()).toString('utf8');
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#content.close();
    await this.#spool.close();
    await this.#directory.release();
  }

  async #segments(): Promise<Buffer[]> {
    await this.close();
    const folder = join(this.#folder, 'segments');
    return readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name)));
  }
}

const NOTHING: RequiredProjection<Call> = {
  name: 'nothing',
  restore: () => null,
  replay: () => {},
  apply: () => {},
  needsSnapshot: false,
  beginEpoch: () => {},
  freeze: () => [],
};

const ignore = (): void => {};
const DEAF = {
  recovered: ignore,
  committed: ignore,
  commitFailed: ignore,
  snapshotSaved: ignore,
  snapshotFailed: ignore,
  diskReserve: ignore,
  skipped: ignore,
  framesMissing: ignore,
  cursorReset: ignore,
  cursorRemoved: ignore,
  cursorFailed: ignore,
};
