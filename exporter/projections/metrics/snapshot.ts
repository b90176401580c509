/**
 * A saved series table. First text, one JSON value a line: a header, then every workspace, model,
 * tuple and block, as many as the header says. Then numbers, little-endian doubles: for each block, in
 * the same order, its birth and its cells. Nothing of it depends on where numbers stand in memory.
 * Whoever keeps the file adds a checksum.
 */
import type { Block } from './blocks.js';
import { type BucketBounds, KIND_NAMES, type KindName } from './kinds.js';
import type { Model, Tuple, Workspace } from './owners.js';
import { type FrozenPages, frozenPageOf, offsetOf } from './pages.js';
import type { SeriesTable } from './table.js';

export const SNAPSHOT_FORMAT = 'model-observation-series';
export const SNAPSHOT_VERSION = 1;
export const DOUBLE_BYTES = Float64Array.BYTES_PER_ELEMENT;

export interface SnapshotHeader {
  format: string;
  version: number;
  epoch: number;
  /** Ascending bucket bounds in whole µs. */
  bounds: { [Histogram in keyof BucketBounds]: number[] };
  /** ms; absent in snapshots of before it was written down. */
  birthHoldMs?: number;
  workspaces: number;
  models: number;
  tuples: number;
  blocks: { [Name in KindName]: number };
}

/** The state of one moment: numbers copied, lists remembered by their length, because they only grow. */
export interface FrozenSeries {
  readonly header: SnapshotHeader;
  readonly numbers: FrozenPages;
  readonly table: SeriesTable;
}

/** Takes a few ms whatever the number of series: it copies numbers and counts the rest. */
export function freezeSeries(
  table: SeriesTable,
  bounds: BucketBounds,
  birthHoldMs: number,
  epoch: number,
): FrozenSeries {
  const blocks = KIND_NAMES.map((name) => [name, table.lists[name].blocks.length]);
  const header: SnapshotHeader = {
    format: SNAPSHOT_FORMAT,
    version: SNAPSHOT_VERSION,
    epoch,
    bounds: {
      duration: [...bounds.duration],
      firstToken: [...bounds.firstToken],
      perToken: [...bounds.perToken],
    },
    birthHoldMs,
    workspaces: table.workspaces.length,
    models: table.models.length,
    tuples: table.tuples.length,
    blocks: Object.fromEntries(blocks) as SnapshotHeader['blocks'],
  };
  return { header, numbers: table.numbers.freeze(), table };
}

/** The bytes of a frozen state, in pieces of about 64 KB, each made in a millisecond or so. */
export function* encodeSeries(frozen: FrozenSeries): Generator<Uint8Array> {
  yield* inPieces(textLines(frozen));
  yield* numberPieces(frozen);
}

function* textLines({ header, table }: FrozenSeries): Generator<string> {
  yield JSON.stringify(header);
  for (const workspace of first(table.workspaces, header.workspaces)) yield workspaceLine(workspace);
  for (const model of first(table.models, header.models)) yield modelLine(model);
  for (const tuple of first(table.tuples, header.tuples)) yield tupleLine(tuple);
  for (const { block } of frozenBlocks(header, table)) yield blockLine(block);
}

function workspaceLine(workspace: Workspace): string {
  return JSON.stringify([workspace.name]);
}

function modelLine(model: Model): string {
  return JSON.stringify([model.workspace.index, model.name]);
}

function tupleLine(tuple: Tuple): string {
  return JSON.stringify([tuple.model.index, tuple.apikey, tuple.inferenceType]);
}

function blockLine(block: Block): string {
  return JSON.stringify([block.owner.index, block.key]);
}

function* frozenBlocks(header: SnapshotHeader, table: SeriesTable): Generator<{ block: Block; slots: number }> {
  for (const name of KIND_NAMES) {
    const { blocks, kind } = table.lists[name];
    for (const block of first(blocks, header.blocks[name])) yield { block, slots: 1 + kind.cells };
  }
}

/** Not a slice: the list may be long, and only grows behind. */
function* first<Item>(list: readonly Item[], count: number): Generator<Item> {
  for (let index = 0; index < count; index++) yield list[index] as Item;
}

/** In UTF-16 units, of which each becomes three bytes at most. */
const TEXT_PIECE = 20_000;

function* inPieces(lines: Iterable<string>): Generator<Uint8Array> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < TEXT_PIECE) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  if (piece !== '') yield Buffer.from(piece);
}

const NUMBERS_PIECE = 8192;

function* numberPieces({ header, table, numbers }: FrozenSeries): Generator<Uint8Array> {
  let piece = new Float64Array(NUMBERS_PIECE);
  let filled = 0;
  for (const { block, slots } of frozenBlocks(header, table)) {
    if (filled + slots > NUMBERS_PIECE) {
      yield littleEndian(piece.subarray(0, filled));
      piece = new Float64Array(NUMBERS_PIECE);
      filled = 0;
    }
    const from = offsetOf(block.slot);
    piece.set(frozenPageOf(numbers, block.slot).subarray(from, from + slots), filled);
    filled += slots;
  }
  if (filled > 0) yield littleEndian(piece.subarray(0, filled));
}

/** The bytes of doubles, or the other way round what is read into their buffer, on machines of either endianness. */
export function littleEndian(doubles: Float64Array): Uint8Array {
  const bytes = Buffer.from(doubles.buffer, doubles.byteOffset, doubles.byteLength);
  return BIG_ENDIAN ? bytes.swap64() : bytes;
}

const BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;
