import type { Call, InferenceType } from '../../call/call.js';
import { OVERFLOW } from '../../call/label-value.js';
import {
  errorKey,
  FOLDED_STATUS,
  type HistogramName,
  histogramKind,
  type KindName,
  OVERFLOW_DIMENSIONS,
} from './kinds.js';
import { type Model, type Tuple, UNBORN, type Workspace } from './owners.js';
import type { SeriesTable } from './table.js';

/** How many series there may be, as lines of an exposition, and how long an idle one stays. */
export interface SeriesLimits {
  /** Of one workspace. */
  readonly workspace: number;
  /** Of all workspaces together. */
  readonly total: number;
  /** A tuple that was not counted in for so long leaves, within an hour; ms. */
  readonly idleMs: number;
}

/**
 * How full a budget is. From each step on, something more is folded when it is new; what is there stays.
 * The first to go is what is worth least beside the lines it costs, and each step leaves room for what is
 * still told apart: with the keys folded, so many models more get series of their own.
 */
const ROOMY = 0;
const ERROR_CODES = 1;
const HISTOGRAM_KEYS = 2;
const KEYS = 3;
const MODELS = 4;
const WORKSPACES = 5;
const FULL = 6;

/** Shares of a budget at which the steps begin, from ERROR_CODES to FULL. */
export const STEPS = [0.7, 0.75, 0.85, 0.95, 0.975, 1] as const;

function step(lines: number, budget: number): number {
  let reached = ROOMY;
  while (reached < STEPS.length && lines >= budget * (STEPS[reached] as number)) reached += 1;
  return reached;
}

/** Bits of `folded`, by the place in OVERFLOW_DIMENSIONS. */
const [ERROR_CODE, KEY_IN_HISTOGRAMS, KEY, MODEL, WORKSPACE] = OVERFLOW_DIMENSIONS.map((_, index) => 1 << index) as [
  number,
  number,
  number,
  number,
  number,
];

/**
 * Decides where a call counts when there is no room for series of its own. It decides from the table
 * alone, which is a function of the calls before: so the same calls, read back after a crash, come to the
 * same series, and nothing about the choice has to be kept.
 */
export class Governor {
  /** What was folded since this was last set to 0: a bit for each of OVERFLOW_DIMENSIONS. */
  folded = 0;

  constructor(
    private readonly table: SeriesTable,
    public limits: SeriesLimits,
  ) {}

  /**
   * The tuple in which a call counts that has none yet: its own, created, or the one it folds into.
   *
   * Lone surrogates would all leave as U+FFFD and make two series one on the wire, so values are made
   * well-formed first and such a tuple is found here, not by `find`.
   */
  place(call: Call, arrivalMs: number): Tuple {
    const { table } = this;
    const workspace = this.placeWorkspace(call, arrivalMs);
    const reached = this.reached(workspace);
    const modelName = call.model.toWellFormed();
    let model = workspace.models.get(modelName) ?? null;
    if (model === null && reached < MODELS) model = table.placeModel(workspace, modelName);
    if (model === null) {
      // The outermost of what it lost counts, not what goes with that.
      if ((this.folded & WORKSPACE) === 0) this.folded |= MODEL;
      return this.overflowTuple(workspace, call.inferenceType, arrivalMs);
    }
    const apikey = call.apikey.toWellFormed();
    const tuple = table.findTuple(model, apikey, call.inferenceType);
    if (tuple !== null) return tuple;
    if (reached < KEYS) return table.placeTuple(model, apikey, call.inferenceType);
    this.folded |= KEY;
    return this.keyOverflow(model, call.inferenceType, arrivalMs);
  }

  /** The tuple in which a block of this kind and key counts for a tuple, with that block born. */
  home(kind: Exclude<KindName, HistogramName>, key: string, tuple: Tuple, arrivalMs: number): Tuple {
    let home = tuple;
    while (home.slotOf(kind, key) === UNBORN) {
      if (this.hasRoom(home, FULL)) {
        this.table.bear(kind, home, key, arrivalMs);
        break;
      }
      home = this.fold(home, arrivalMs);
    }
    if (home !== tuple) this.note(tuple, home, KEY);
    return home;
  }

  /** The same for a histogram, of the kind that goes with the home's monitoring mode. */
  histogramHome(name: HistogramName, tuple: Tuple, arrivalMs: number): Tuple {
    let home = tuple;
    while (home[name] === UNBORN) {
      if (this.hasRoom(home, home.apikey === OVERFLOW ? FULL : HISTOGRAM_KEYS)) {
        this.table.bear(histogramKind(name, home.account.monitoring), home, '', arrivalMs);
        break;
      }
      home = this.fold(home, arrivalMs);
    }
    if (home !== tuple) this.note(tuple, home, KEY_IN_HISTOGRAMS);
    return home;
  }

  /** The slot in which a failure counts that is the first of its status and code in this tuple. */
  errorSlot(tuple: Tuple, statusCode: number, errorCode: string, arrivalMs: number): number {
    const code = errorCode.toWellFormed();
    let key = errorKey(statusCode, code);
    if (tuple.errorSlot(statusCode, code) === UNBORN) {
      const reached = this.reached(tuple.account);
      // That a provider gave no code is no junk.
      const isKnown = code === '' || tuple.account.errorCodes.has(code);
      const isFolded = reached >= HISTOGRAM_KEYS || (reached >= ERROR_CODES && !isKnown);
      if (isFolded) {
        this.folded |= ERROR_CODE;
        // Codes of 400 to 599 are two hundred lines for a tuple, so in the end the status goes too.
        key = errorKey(reached >= KEYS ? FOLDED_STATUS : statusCode, OVERFLOW);
      }
    }
    const home = this.home('errors', key, tuple, arrivalMs);
    return home.slotOf('errors', key);
  }

  /** The model in which a block counts that a model has, with that block born. */
  modelHome(kind: 'late' | 'unpriced', model: Model, arrivalMs: number): Model {
    let home = model;
    if (home[kind] === UNBORN && this.reached(home.account) >= FULL) {
      home = this.overflowTuple(model.account, 'realtime', arrivalMs).model;
      this.folded |= home.account === model.account ? MODEL : WORKSPACE;
    }
    if (home[kind] === UNBORN) this.table.bear(kind, home, '', arrivalMs);
    return home;
  }

  private placeWorkspace(call: Call, arrivalMs: number): Workspace {
    const name = call.workspace.toWellFormed();
    const known = this.table.findWorkspace(name);
    if (known !== null) return known;
    if (step(this.table.series, this.limits.total) < WORKSPACES) {
      return this.table.placeWorkspace(name, call.monitoring, arrivalMs);
    }
    this.folded |= WORKSPACE;
    return this.overflowWorkspace(arrivalMs);
  }

  /** What a tuple's blocks fold into; never itself, except where there is nothing beyond. */
  private fold(tuple: Tuple, arrivalMs: number): Tuple {
    const { model, inferenceType, account } = tuple;
    if (tuple.apikey !== OVERFLOW) return this.keyOverflow(model, inferenceType, arrivalMs);
    if (model.name !== OVERFLOW) return this.overflowTuple(account, inferenceType, arrivalMs);
    return this.lastResort(inferenceType, arrivalMs);
  }

  private keyOverflow(model: Model, inferenceType: InferenceType, arrivalMs: number): Tuple {
    const known = this.table.findTuple(model, OVERFLOW, inferenceType);
    if (known !== null) return known;
    if (this.reached(model.account) < FULL) return this.table.placeTuple(model, OVERFLOW, inferenceType);
    return this.overflowTuple(model.account, inferenceType, arrivalMs);
  }

  /** One tuple of the workspace for everything that has no model of its own: also beyond the workspace's budget. */
  private overflowTuple(workspace: Workspace, inferenceType: InferenceType, arrivalMs: number): Tuple {
    const known = this.table.find(workspace.name, OVERFLOW, OVERFLOW, inferenceType);
    if (known !== null) return known;
    if (!this.isAllFull || workspace.name === OVERFLOW) return this.placeOverflowTuple(workspace, inferenceType);
    this.folded |= WORKSPACE;
    return this.lastResort(inferenceType, arrivalMs);
  }

  /** There is room for this even when all is full. */
  private lastResort(inferenceType: InferenceType, arrivalMs: number): Tuple {
    return this.placeOverflowTuple(this.overflowWorkspace(arrivalMs), inferenceType);
  }

  private placeOverflowTuple(workspace: Workspace, inferenceType: InferenceType): Tuple {
    return this.table.placeTuple(this.table.placeModel(workspace, OVERFLOW), OVERFLOW, inferenceType);
  }

  /** Always watched in full, whatever folds into it: so buckets add up to counts over all workspaces. */
  private overflowWorkspace(arrivalMs: number): Workspace {
    return this.table.placeWorkspace(OVERFLOW, 'advanced', arrivalMs);
  }

  private hasRoom(home: Tuple, until: number): boolean {
    if (this.reached(home.account) < until) return true;
    if (home.apikey !== OVERFLOW || home.model.name !== OVERFLOW) return false;
    return home.account.name === OVERFLOW || !this.isAllFull;
  }

  private reached(workspace: Workspace): number {
    return Math.max(step(workspace.lines, this.limits.workspace), step(this.table.series, this.limits.total));
  }

  private get isAllFull(): boolean {
    return this.table.series >= this.limits.total;
  }

  private note(tuple: Tuple, home: Tuple, key: number): void {
    if (home.account !== tuple.account) this.folded |= WORKSPACE;
    else if (home.model !== tuple.model) this.folded |= MODEL;
    else this.folded |= key;
  }
}
