/**
 * A saved series table. First text, one JSON value a line: a header, then every workspace, model,
 * tuple and block, as many as the header says. Then numbers, little-endian doubles: for each block, in
 * the same order, its birth and its cells. Nothing of it depends on where numbers stand in memory.
 * Whoever keeps the file adds a checksum.
 */
import type { Monitoring } from '../../call/call.js';
import type { Block, BlockOwner } from './blocks.js';
import type { SeriesLimits } from './governor.js';
import { type BlockKind, type BucketBounds, KIND_NAMES, type KindName } from './kinds.js';
import type { Model, Tuple, Workspace } from './owners.js';
import { type FrozenPages, frozenPageOf, offsetOf } from './pages.js';
import type { SeriesTable } from './table.js';

export const SNAPSHOT_FORMAT = 'model-observation-series';
/** 2: hours of tuples, limits, monitoring modes. */
export const SNAPSHOT_VERSION = 2;
export const DOUBLE_BYTES = Float64Array.BYTES_PER_ELEMENT;

export interface SnapshotHeader {
  format: string;
  version: number;
  epoch: number;
  /** Ascending bucket bounds in whole µs. */
  bounds: { [Histogram in keyof BucketBounds]: number[] };
  /** ms; absent in snapshots of before it was written down. */
  birthHoldMs?: number;
  /** What governed the series; absent in version 1, which had no limits. */
  limits?: SeriesLimits;
  workspaces: number;
  models: number;
  tuples: number;
  blocks: { [Name in KindName]: number };
}

/**
 * The state of one moment: numbers copied, lists remembered as they are and by their length, because a list
 * only grows until another takes its place.
 */
export interface FrozenSeries {
  readonly header: SnapshotHeader;
  readonly numbers: FrozenPages;
  readonly workspaces: readonly Workspace[];
  /** The mode of each, in the same order. */
  readonly monitoring: readonly Monitoring[];
  readonly models: readonly Model[];
  readonly tuples: readonly Tuple[];
  readonly blocks: { readonly [Name in KindName]: readonly Block[] };
  readonly kinds: { readonly [Name in KindName]: BlockKind };
}

/** Takes a few ms whatever the number of series: it copies numbers and counts the rest. */
export function freezeSeries(
  table: SeriesTable,
  bounds: BucketBounds,
  birthHoldMs: number,
  limits: SeriesLimits,
  epoch: number,
): FrozenSeries {
  const { workspaces, models, tuples, lists } = table;
  const counts = KIND_NAMES.map((name) => [name, lists[name].blocks.length]);
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
    limits,
    workspaces: workspaces.length,
    models: models.length,
    tuples: tuples.length,
    blocks: Object.fromEntries(counts) as SnapshotHeader['blocks'],
  };
  return {
    header,
    numbers: table.numbers.freeze(),
    workspaces,
    monitoring: workspaces.map(({ monitoring }) => monitoring),
    models,
    tuples,
    blocks: ofEachKind((name) => lists[name].blocks),
    kinds: ofEachKind((name) => lists[name].kind),
  };
}

function ofEachKind<Value>(value: (name: KindName) => Value): { [Name in KindName]: Value } {
  return Object.fromEntries(KIND_NAMES.map((name) => [name, value(name)])) as { [Name in KindName]: Value };
}

/** The bytes of a frozen state, in pieces of about 64 KB, each made in a millisecond or so. */
export function* encodeSeries(frozen: FrozenSeries): Generator<Uint8Array> {
  yield* inPieces(textLines(frozen));
  yield* numberPieces(frozen);
}

function* textLines(frozen: FrozenSeries): Generator<string> {
  const { header } = frozen;
  yield JSON.stringify(header);
  /** The place of each owner among those of its sort, as later lines refer to it. */
  const places = new Map<BlockOwner, number>();
  let place = 0;
  for (const workspace of first(frozen.workspaces, header.workspaces)) {
    yield JSON.stringify([workspace.name, frozen.monitoring[place]]);
    places.set(workspace, place++);
  }
  place = 0;
  for (const model of first(frozen.models, header.models)) {
    yield JSON.stringify([places.get(model.account), model.name]);
    places.set(model, place++);
  }
  place = 0;
  for (const tuple of first(frozen.tuples, header.tuples)) {
    // The hour may be of after the freeze; what brought it on is then read back behind this snapshot.
    yield JSON.stringify([places.get(tuple.model), tuple.apikey, tuple.inferenceType, tuple.hour]);
    places.set(tuple, place++);
  }
  for (const { block } of frozenBlocks(frozen)) yield JSON.stringify([places.get(block.owner), block.key]);
}

function* frozenBlocks({ header, blocks, kinds }: FrozenSeries): Generator<{ block: Block; slots: number }> {
  for (const name of KIND_NAMES) {
    for (const block of first(blocks[name], header.blocks[name])) yield { block, slots: 1 + kinds[name].cells };
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

function* numberPieces(frozen: FrozenSeries): Generator<Uint8Array> {
  let piece = new Float64Array(NUMBERS_PIECE);
  let filled = 0;
  for (const { block, slots } of frozenBlocks(frozen)) {
    if (filled + slots > NUMBERS_PIECE) {
      yield littleEndian(piece.subarray(0, filled));
      piece = new Float64Array(NUMBERS_PIECE);
      filled = 0;
    }
    const from = offsetOf(block.slot);
    piece.set(frozenPageOf(frozen.numbers, block.slot).subarray(from, from + slots), filled);
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
