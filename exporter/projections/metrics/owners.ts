import type { InferenceType, Monitoring, Protocol } from '../../call/call.js';
import { OVERFLOW } from '../../call/label-value.js';
import type { BlockOwner, LineAccount } from './blocks.js';
import {
  errorKey,
  HISTOGRAMS,
  type HistogramName,
  histogramKind,
  type KindName,
  OTHER_USAGE,
  parseErrorKey,
} from './kinds.js';
import { labelText } from './labels.js';

/** The slot of a block that is not born. */
export const UNBORN = -1;

export interface SeriesOwner extends BlockOwner {
  readonly account: Workspace;
  /** Slot of the block of this kind and key; UNBORN when there is none. */
  slotOf(kind: KindName, key: string): number;
  /** Takes a block that was just born. Throws on a kind or key that this owner cannot have. */
  attach(kind: KindName, key: string, slot: number): void;
}

export class Workspace implements SeriesOwner, LineAccount {
  readonly labels: string;
  readonly account = this;
  readonly models = new Map<string, Model>();
  /** Lines of all blocks of this workspace, its models and their tuples. */
  lines = 0;
  /** How many blocks there are for an error code: those that are known here. */
  readonly errorCodes = new Map<string, number>();
  info = UNBORN;
  overflow = UNBORN;
  series = UNBORN;

  constructor(
    readonly name: string,
    /** Decides the kinds of blocks that its tuples have; the table alone changes it. */
    public monitoring: Monitoring,
  ) {
    this.labels = labelText('workspace_id', name);
  }

  slotOf(kind: KindName, key: string): number {
    if (kind === 'workspaceInfo') return key === this.monitoring ? this.info : UNBORN;
    if (key !== '') return UNBORN;
    return kind === 'overflow' ? this.overflow : kind === 'workspaceSeries' ? this.series : UNBORN;
  }

  attach(kind: KindName, key: string, slot: number): void {
    if (kind === 'workspaceInfo' && key === this.monitoring) this.info = slot;
    else if (kind === 'overflow' && key === '') this.overflow = slot;
    else if (kind === 'workspaceSeries' && key === '') this.series = slot;
    else throw misplaced('workspace', kind, key);
  }
}

export class Model implements SeriesOwner {
  readonly labels: string;
  readonly keys = new Map<string, KeyTuples>();
  lastCall = UNBORN;
  late = UNBORN;
  unpriced = UNBORN;

  constructor(
    readonly account: Workspace,
    readonly name: string,
  ) {
    this.labels = `${account.labels},${labelText('model', name)}`;
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
  readonly account: Workspace;
  /** The hour since the epoch in which it was last counted in; 0 = not known. */
  hour = 0;
  // One field for each block that a usual call touches: the hot path reads them without a lookup.
  HTTP = UNBORN;
  SSE = UNBORN;
  WS = UNBORN;
  failures = UNBORN;
  timeouts = UNBORN;
  usage = UNBORN;
  /** Of the kind that goes with the monitoring mode of the workspace, as the two after it. */
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
    readonly model: Model,
    readonly apikey: string,
    readonly inferenceType: InferenceType,
  ) {
    const own = `${labelText('apikey_id', apikey)},${labelText('inference_type', inferenceType)}`;
    this.labels = `${model.labels},${own}`;
    this.account = model.account;
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
    const field = this.fieldOf(kind);
    return field !== null && key === '' ? this[field] : UNBORN;
  }

  attach(kind: KindName, key: string, slot: number): void {
    const field = this.fieldOf(kind);
    if (kind === 'calls' && isProtocol(key)) this[key] = slot;
    else if (kind === 'cost' && key !== '') {
      this.costs ??= new Map();
      this.costs.set(key, slot);
    } else if (kind === 'errors') this.attachError(key, slot);
    else if (otherUsage(kind, key) >= 0) {
      this.usageOther ??= new Int32Array(OTHER_USAGE.length).fill(UNBORN);
      this.usageOther[otherUsage(kind, key)] = slot;
    } else if (field !== null && key === '') this[field] = slot;
    else throw misplaced('tuple', kind, key);
  }

  private attachError(key: string, slot: number): void {
    const error = parseErrorKey(key);
    const { monitoring, errorCodes } = this.account;
    if (error === null || errorKey(error.statusCode, error.errorCode) !== key || monitoring === 'basic') {
      throw misplaced('tuple', 'errors', key);
    }
    this.errors ??= new Map();
    const codes = this.errors.get(error.statusCode) ?? new Map<string, number>();
    codes.set(error.errorCode, slot);
    this.errors.set(error.statusCode, codes);
    if (error.errorCode !== OVERFLOW) errorCodes.set(error.errorCode, (errorCodes.get(error.errorCode) ?? 0) + 1);
  }

  /** Forgets an errors block that left. */
  detachError(key: string): void {
    const error = parseErrorKey(key);
    if (error === null) return;
    const { errorCodes } = this.account;
    const left = (errorCodes.get(error.errorCode) ?? 0) - 1;
    if (left > 0) errorCodes.set(error.errorCode, left);
    else errorCodes.delete(error.errorCode);
    const codes = this.errors?.get(error.statusCode);
    codes?.delete(error.errorCode);
    if (codes?.size === 0) this.errors?.delete(error.statusCode);
  }

  /** The field that holds the one block of this kind; null when it has none, or not in this monitoring mode. */
  private fieldOf(kind: KindName): (typeof TUPLE_KINDS)[number] | HistogramName | null {
    const histogram = HISTOGRAMS.find((name) => histogramKind(name, this.account.monitoring) === kind);
    return histogram ?? (isTupleKind(kind) ? kind : null);
  }
}

const MODEL_KINDS = ['lastCall', 'late', 'unpriced'] as const satisfies readonly KindName[];
const TUPLE_KINDS = ['failures', 'timeouts', 'usage'] as const satisfies readonly KindName[];

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
