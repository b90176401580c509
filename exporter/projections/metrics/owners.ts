import type { InferenceType, Protocol } from '../../call/call.js';
import type { BlockOwner } from './blocks.js';
import { errorKey, type KindName, OTHER_USAGE, parseErrorKey } from './kinds.js';
import { labelText } from './labels.js';

/** The slot of a block that is not born. */
export const UNBORN = -1;

export interface SeriesOwner extends BlockOwner {
  /** Slot of the block of this kind and key; UNBORN when there is none. */
  slotOf(kind: KindName, key: string): number;
  /** Takes a block that was just born. Throws on a kind or key that this owner cannot have. */
  attach(kind: KindName, key: string, slot: number): void;
}

export class Workspace implements SeriesOwner {
  readonly labels: string;
  readonly models = new Map<string, Model>();
  info = UNBORN;

  constructor(
    readonly index: number,
    readonly name: string,
  ) {
    this.labels = labelText('workspace_id', name);
  }

  slotOf(kind: KindName, key: string): number {
    return kind === 'workspaceInfo' && key === '' ? this.info : UNBORN;
  }

  attach(kind: KindName, key: string, slot: number): void {
    if (kind !== 'workspaceInfo' || key !== '') throw misplaced('workspace', kind, key);
    this.info = slot;
  }
}

export class Model implements SeriesOwner {
  readonly labels: string;
  readonly keys = new Map<string, KeyTuples>();
  lastCall = UNBORN;
  late = UNBORN;
  unpriced = UNBORN;

  constructor(
    readonly index: number,
    readonly workspace: Workspace,
    readonly name: string,
  ) {
    this.labels = `${workspace.labels},${labelText('model', name)}`;
  }

  slotOf(kind: KindName, key: string): number {
    return isModelKind(kind) && key === '' ? this[kind] : UNBORN;
  }

  attach(kind: KindName, key: string, slot: number): void {
    if (!isModelKind(kind) || key !== '') throw misplaced('model', kind, key);
    this[kind] = slot;
  }
}

/** A key's tuples; a pair rather than a fourth Map, which would cost more than what it holds. */
export interface KeyTuples {
  realtime: Tuple | null;
  batch: Tuple | null;
}

/** One combination of the base labels, and where its numbers stand. */
export class Tuple implements SeriesOwner {
  readonly labels: string;
  // One field for each block that a usual call touches: the hot path reads them without a lookup.
  HTTP = UNBORN;
  SSE = UNBORN;
  WS = UNBORN;
  failures = UNBORN;
  timeouts = UNBORN;
  usage = UNBORN;
  duration = UNBORN;
  firstToken = UNBORN;
  perToken = UNBORN;
  /** By the place of the type in OTHER_USAGE. */
  usageOther: Int32Array | null = null;
  /** By currency. */
  costs: Map<string, number> | null = null;
  /** By status code, then error code: nested, so that a failure joins no text. */
  errors: Map<number, Map<string, number>> | null = null;

  constructor(
    readonly index: number,
    readonly model: Model,
    readonly apikey: string,
    readonly inferenceType: InferenceType,
  ) {
    const own = `${labelText('apikey_id', apikey)},${labelText('inference_type', inferenceType)}`;
    this.labels = `${model.labels},${own}`;
  }

  errorSlot(statusCode: number, errorCode: string): number {
    return this.errors?.get(statusCode)?.get(errorCode) ?? UNBORN;
  }

  slotOf(kind: KindName, key: string): number {
    if (kind === 'calls') return isProtocol(key) ? this[key] : UNBORN;
    if (kind === 'usageOther' || kind === 'usageDuration') return this.usageOther?.[otherUsage(kind, key)] ?? UNBORN;
    if (kind === 'cost') return this.costs?.get(key) ?? UNBORN;
    if (kind === 'errors') {
      const error = parseErrorKey(key);
      return error ? this.errorSlot(error.statusCode, error.errorCode) : UNBORN;
    }
    return isTupleKind(kind) && key === '' ? this[kind] : UNBORN;
  }

  attach(kind: KindName, key: string, slot: number): void {
    if (kind === 'calls' && isProtocol(key)) this[key] = slot;
    else if (kind === 'cost' && key !== '') {
      this.costs ??= new Map();
      this.costs.set(key, slot);
    } else if (kind === 'errors') this.attachError(key, slot);
    else if (otherUsage(kind, key) >= 0) {
      this.usageOther ??= new Int32Array(OTHER_USAGE.length).fill(UNBORN);
      this.usageOther[otherUsage(kind, key)] = slot;
    } else if (isTupleKind(kind) && key === '') this[kind] = slot;
    else throw misplaced('tuple', kind, key);
  }

  private attachError(key: string, slot: number): void {
    const error = parseErrorKey(key);
    if (error === null || errorKey(error.statusCode, error.errorCode) !== key) throw misplaced('tuple', 'errors', key);
    this.errors ??= new Map();
    const codes = this.errors.get(error.statusCode) ?? new Map<string, number>();
    codes.set(error.errorCode, slot);
    this.errors.set(error.statusCode, codes);
  }
}

const MODEL_KINDS = ['lastCall', 'late', 'unpriced'] as const satisfies readonly KindName[];
const TUPLE_KINDS = ['failures', 'timeouts', 'usage', 'duration', 'firstToken', 'perToken'] as const;

function isModelKind(kind: KindName): kind is (typeof MODEL_KINDS)[number] {
  return (MODEL_KINDS as readonly KindName[]).includes(kind);
}

function isTupleKind(kind: KindName): kind is (typeof TUPLE_KINDS)[number] {
  return (TUPLE_KINDS as readonly KindName[]).includes(kind);
}

function isProtocol(key: string): key is Protocol {
  return key === 'HTTP' || key === 'SSE' || key === 'WS';
}

/** Place of a usage type among the others; -1 when this kind does not hold it. */
function otherUsage(kind: KindName, key: string): number {
  const holder: KindName = key === 'duration' ? 'usageDuration' : 'usageOther';
  return kind === holder ? (OTHER_USAGE as readonly string[]).indexOf(key) : UNBORN;
}

function misplaced(owner: string, kind: KindName, key: string): Error {
  return new Error(`a ${owner} has no ${kind} block with the key ${JSON.stringify(key)}`);
}
