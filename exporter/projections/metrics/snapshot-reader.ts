import { INFERENCE_TYPES, type InferenceType, MONITORING, type Monitoring } from '../../call/call.js';
import { NewerSnapshotError } from '../../spool/snapshots.js';
import type { SeriesLimits } from './governor.js';
import { type BlockKind, type BucketBounds, blockKinds, KIND_NAMES, type KindName, NANOS_PER_UNIT } from './kinds.js';
import { type SeriesOwner, UNBORN } from './owners.js';
import { DOUBLE_BYTES, littleEndian, SNAPSHOT_FORMAT, SNAPSHOT_VERSION, type SnapshotHeader } from './snapshot.js';
import { SeriesTable } from './table.js';

/** A saved series table that cannot be used; the message says where it is wrong. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

export interface RestoredSeries {
  table: SeriesTable;
  epoch: number;
  /** What governed the series up to here; null = nothing did. */
  limits: SeriesLimits | null;
  /** Why the counters cannot go on, when they cannot: the caller begins a new epoch. */
  newEpoch: string | null;
}

/**
 * Reads what `encodeSeries` wrote, and nothing else: every line and number is checked. Throws
 * SnapshotError on anything that such a file cannot hold, NewerSnapshotError on a version to come: that
 * one is not damaged, and must not be replaced.
 *
 * When the buckets of a histogram changed, its old counts cannot be carried over, and a histogram alone
 * at 0 would no longer fit its counters: all series are kept, and all counters are to begin anew. So they
 * are when the birth hold was raised, because counters that were shown would fall back to 0 for a while.
 */
export function restoreSeries(bytes: Uint8Array, bounds: BucketBounds, birthHoldMs: number): RestoredSeries {
  const lines = new Lines(bytes);
  const header = readHeader(lines);
  const savedBounds = readBounds(header);
  const reasons = [changedBounds(savedBounds, bounds), raisedHold(header, birthHoldMs)];
  const newEpoch = reasons.filter((reason) => reason !== null).join('; ') || null;
  const table = new SeriesTable(blockKinds(bounds));
  readOwners(lines, header, table);
  const slots = readBlocks(lines, header, table);
  readNumbers(bytes.subarray(lines.end), blockKinds(savedBounds), slots, table, newEpoch !== null);
  if (header.version === 1) bearWorkspaceSeries(table);
  return { table, epoch: header.epoch, limits: header.limits ?? null, newEpoch };
}

/** The lines of the text part, each one JSON value. */
class Lines {
  private readonly bytes: Buffer;
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true });
  private line = 0;
  /** Where the next line begins. */
  end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): unknown {
    this.line += 1;
    const end = this.bytes.indexOf(10, this.end);
    if (end < 0) throw this.wrong('ends before its text does');
    const text = this.bytes.subarray(this.end, end);
    this.end = end + 1;
    try {
      return JSON.parse(this.utf8.decode(text));
    } catch {
      throw this.wrong('is not JSON in UTF-8');
    }
  }

  /** The error that says what is wrong with the line just read. */
  wrong(problem: string): SnapshotError {
    return new SnapshotError(`series snapshot, line ${this.line}: ${problem}`);
  }
}

function readHeader(lines: Lines): SnapshotHeader {
  const header = lines.next();
  if (!isRecord(header) || header.format !== SNAPSHOT_FORMAT) throw lines.wrong(`is no ${SNAPSHOT_FORMAT} header`);
  if (isCount(header.version) && header.version > SNAPSHOT_VERSION) {
    throw new NewerSnapshotError('The metrics section of a snapshot', header.version, SNAPSHOT_VERSION);
  }
  if (header.version !== 1 && header.version !== SNAPSHOT_VERSION) throw lines.wrong('has no version');
  const { epoch, bounds, birthHoldMs, limits, workspaces, models, tuples, blocks } = header;
  if (header.version === 1 && isRecord(blocks)) for (const name of SINCE_VERSION_2) blocks[name] ??= 0;
  const counts = [workspaces, models, tuples, ...KIND_NAMES.map((name) => isRecord(blocks) && blocks[name])];
  if (header.version === SNAPSHOT_VERSION && !isLimits(limits)) throw lines.wrong('has no limits');
  if (birthHoldMs !== undefined && typeof birthHoldMs !== 'number') throw lines.wrong('has no birth hold');
  if (!isCount(epoch) || !isRecord(bounds) || !counts.every(isCount)) throw lines.wrong('is incomplete');
  return header as unknown as SnapshotHeader;
}

const SINCE_VERSION_2: readonly KindName[] = [
  'durationBasic',
  'firstTokenBasic',
  'perTokenBasic',
  'overflow',
  'workspaceSeries',
];

function isLimits(limits: unknown): limits is SeriesLimits {
  return isRecord(limits) && [limits.workspace, limits.total, limits.idleMs].every(isCount);
}

/** Version 1 did not show how many series a workspace has. */
function bearWorkspaceSeries(table: SeriesTable): void {
  for (const workspace of table.workspaces) table.bear('workspaceSeries', workspace, '', 0);
}

function readBounds(header: SnapshotHeader): BucketBounds {
  const read = (histogram: keyof BucketBounds): Float64Array => {
    const bounds: unknown = header.bounds[histogram];
    const ascends = (bound: unknown, index: number, all: unknown[]) =>
      isCount(bound) && bound > (index === 0 ? 0 : (all[index - 1] as number));
    // A block with more cells than that would not fit a page; no configuration allows so many.
    if (!Array.isArray(bounds) || bounds.length > 10_000 || !bounds.every(ascends)) {
      throw new SnapshotError(`series snapshot: its ${histogram} buckets are not ascending`);
    }
    return Float64Array.from(bounds as number[]);
  };
  return { duration: read('duration'), firstToken: read('firstToken'), perToken: read('perToken') };
}

function changedBounds(saved: BucketBounds, wanted: BucketBounds): string | null {
  const changed = (['duration', 'firstToken', 'perToken'] as const).filter(
    (histogram) => saved[histogram].join() !== wanted[histogram].join(),
  );
  if (changed.length === 0) return null;
  const kinds = blockKinds(wanted);
  return `the buckets changed of ${changed.map((histogram) => kinds[histogram].family).join(', ')}`;
}

/** Lowering it only shows values earlier. */
function raisedHold({ birthHoldMs }: SnapshotHeader, wanted: number): string | null {
  return birthHoldMs !== undefined && wanted > birthHoldMs ? 'metrics.birth_hold was raised' : null;
}

function readOwners(lines: Lines, header: SnapshotHeader, table: SeriesTable): void {
  const known = new Set<string>();
  for (let count = header.workspaces; count > 0; count--) {
    const [name, monitoring] = header.version === 1 ? [readRow(lines, 1)[0], 'advanced'] : readRow(lines, 2);
    if (!isText(name) || !isMonitoring(monitoring)) throw lines.wrong('is no workspace');
    if (known.has(name)) throw lines.wrong(`has the workspace ${JSON.stringify(name)} again`);
    known.add(name);
    table.addWorkspace(name, monitoring);
  }
  for (let count = header.models; count > 0; count--) {
    const [index, name] = readRow(lines, 2);
    const workspace = table.workspaces[index as number];
    if (workspace === undefined || !isText(name)) throw lines.wrong('is no model');
    if (workspace.models.has(name)) throw lines.wrong(`has the model ${JSON.stringify(name)} again`);
    table.placeModel(workspace, name);
  }
  for (let count = header.tuples; count > 0; count--) {
    // An hour of 0 is not known: the tuple then counts as counted in when the next call comes.
    const [index, apikey, inferenceType, hour] = header.version === 1 ? [...readRow(lines, 3), 0] : readRow(lines, 4);
    const model = table.models[index as number];
    if (model === undefined || !isText(apikey) || !isInferenceType(inferenceType)) throw lines.wrong('is no tuple');
    if (!isCount(hour)) throw lines.wrong('has no hour');
    if (model.keys.get(apikey)?.[inferenceType]) throw lines.wrong(`has the key ${JSON.stringify(apikey)} again`);
    table.placeTuple(model, apikey, inferenceType).hour = hour;
  }
}

type Slots = { [Name in KindName]: number[] };

function readBlocks(lines: Lines, header: SnapshotHeader, table: SeriesTable): Slots {
  const slots = Object.fromEntries(KIND_NAMES.map((name) => [name, []])) as unknown as Slots;
  for (const name of KIND_NAMES) {
    const owners = ownersOf(table, table.lists[name].kind);
    for (let count = header.blocks[name]; count > 0; count--) {
      const [index, saved] = readRow(lines, 2);
      const key = header.version === 1 && name === 'workspaceInfo' && saved === '' ? 'advanced' : saved;
      const owner = owners[index as number];
      if (owner === undefined || typeof key !== 'string') throw lines.wrong(`is no ${name} block`);
      if (owner.slotOf(name, key) !== UNBORN) throw lines.wrong(`has a ${name} block again`);
      try {
        slots[name].push(table.adopt(name, owner, key));
      } catch (error) {
        throw lines.wrong(`is no ${name} block: ${(error as Error).message}`);
      }
    }
  }
  return slots;
}

function ownersOf(table: SeriesTable, kind: BlockKind): readonly SeriesOwner[] {
  if (kind.owner === 'workspace') return table.workspaces;
  return kind.owner === 'model' ? table.models : table.tuples;
}

/** Fills the blocks; leaves counters at 0 where they are to begin anew. */
function readNumbers(
  bytes: Uint8Array,
  savedKinds: { readonly [Name in KindName]: BlockKind },
  slots: Slots,
  table: SeriesTable,
  anew: boolean,
): void {
  const wanted = KIND_NAMES.reduce((sum, name) => sum + slots[name].length * (1 + savedKinds[name].cells), 0);
  if (bytes.byteLength !== wanted * DOUBLE_BYTES) {
    throw new SnapshotError(
      `series snapshot: it has ${bytes.byteLength} bytes of numbers where its blocks need ${wanted * DOUBLE_BYTES}`,
    );
  }
  const numbers = new Float64Array(wanted);
  // Copied first: the bytes may stand anywhere, doubles only at multiples of eight.
  new Uint8Array(numbers.buffer).set(bytes);
  littleEndian(numbers);
  const births = new Set<number>();
  let at = 0;
  for (const name of KIND_NAMES) {
    const kind = savedKinds[name];
    for (const slot of slots[name]) {
      const saved = numbers.subarray(at, at + 1 + kind.cells);
      if (!isBlock(saved, kind)) throw new SnapshotError(`series snapshot: number ${at} begins no ${name} block`);
      if (kind.counter) births.add(saved[0] as number);
      if (!kind.counter || !anew) table.numbers.block(slot, saved.length).set(saved);
      at += saved.length;
    }
  }
  table.births.restart([...births].sort((a, b) => a - b));
}

/** Everything that is counted is a whole number; beyond 2^53 it may have lost its last digits, not its wholeness. */
function isBlock(numbers: Float64Array, kind: BlockKind): boolean {
  const [birth = Number.NaN, ...cells] = numbers;
  if (!Number.isFinite(birth) || birth < 0) return false;
  if (!cells.every((cell) => Number.isInteger(cell) && cell >= 0)) return false;
  return kind.name !== 'cost' || (cells[1] as number) < NANOS_PER_UNIT;
}

function readRow(lines: Lines, length: number): readonly unknown[] {
  const row = lines.next();
  if (!Array.isArray(row) || row.length !== length) throw lines.wrong(`is no row of ${length}`);
  return row;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

function isMonitoring(value: unknown): value is Monitoring {
  return (MONITORING as readonly unknown[]).includes(value);
}

function isInferenceType(value: unknown): value is InferenceType {
  return (INFERENCE_TYPES as readonly unknown[]).includes(value);
}
