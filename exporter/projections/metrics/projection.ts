import type { Call, Cost, Outcome, Usage } from '../../call/call.js';
import { FAILURES, OUTCOMES } from '../../call/call.js';
import { OVERFLOW } from '../../call/label-value.js';
import type { FamilyName } from './catalogue.js';
import { Governor, type SeriesLimits } from './governor.js';
import {
  type BucketBounds,
  blockKinds,
  type HistogramName,
  NANOS_PER_UNIT,
  OTHER_USAGE,
  OVERFLOW_DIMENSIONS,
} from './kinds.js';
import { labelText } from './labels.js';
import { bucketBounds, type MetricsOptions, type Quota } from './options.js';
import { type Model, type Tuple, UNBORN, type Workspace } from './owners.js';
import type { FrozenPages } from './pages.js';
import { encodeSeries, type FrozenSeries, freezeSeries } from './snapshot.js';
import { restoreSeries } from './snapshot-reader.js';
import { type BlockLists, SeriesTable } from './table.js';

const [TOTAL, INPUT, OUTPUT] = [0, 1, 2];
const HOUR_MS = 3_600_000;
/** A call that has arrived is counted well within this: none of an hour comes after a view has ended that hour. */
const SETTLING_MS = 60_000;
const [FIRST_TOKEN_STAGE, GENERATION_STAGE] = [0, 1];
const OTHER = Object.fromEntries(OTHER_USAGE.map((type, index) => [type, index])) as { [Type in keyof Usage]: number };

/** A series whose value is configured, not counted. */
export interface FixedSeries {
  readonly family: FamilyName;
  readonly labels: string;
  readonly value: number;
}

/** All series as they were at one moment. Its numbers are a copy; series born later are not of it. */
export interface SeriesView {
  readonly numbers: FrozenPages;
  readonly lists: BlockLists;
  /** Blocks whose serial is not below this were born later. */
  readonly serialEnd: number;
  readonly fixed: readonly FixedSeries[];
  /** Counters born later than this read 0: arrival ms. */
  readonly shownUpTo: number;
}

/** Turns calls into series. A pure function of what is applied to it: it reads no clock and no configuration. */
export class MetricsProjection {
  private readonly fixed: readonly FixedSeries[];
  private readonly governor: Governor;
  private epochNumber = 0;
  /** The hour since the epoch up to which idle series were looked for. */
  private hour = 0;
  private hourEndMs = 0;

  private constructor(
    private readonly options: MetricsOptions,
    private readonly bounds: BucketBounds,
    private readonly table: SeriesTable,
    limits: SeriesLimits,
  ) {
    this.fixed = [...(options.quotas ?? []).flatMap(quotaSeries), ...limitSeries(options.series)];
    this.governor = new Governor(table, limits);
  }

  /** With no series yet, and no epoch. Throws RangeError on bucket bounds that are none. */
  static create(options: MetricsOptions): MetricsProjection {
    const bounds = bucketBounds(options.buckets);
    return new MetricsProjection(options, bounds, new SeriesTable(blockKinds(bounds)), options.series);
  }

  /**
   * Goes on from what `encode` wrote. Throws SnapshotError where that is damaged, NewerSnapshotError where a
   * newer program wrote it. When histograms have other buckets now, or the birth hold is longer, `newEpoch`
   * says so and all counters are at 0: `beginEpoch` has to follow, once every call that was shown with the
   * old ones was applied. Until `settle` its series are governed by the limits that were saved with them.
   */
  static restore(
    bytes: Uint8Array,
    options: MetricsOptions,
  ): { projection: MetricsProjection; newEpoch: string | null } {
    const bounds = bucketBounds(options.buckets);
    const { table, epoch, newEpoch, limits } = restoreSeries(bytes, bounds, options.birthHoldMs);
    const projection = new MetricsProjection(options, bounds, table, limits ?? options.series);
    projection.epochNumber = epoch;
    return { projection, newEpoch };
  }

  /**
   * When the call counters began to count, in whole seconds since 1970: rises whenever they all begin again
   * at 0, also when the data directory was lost, which nothing in it could tell. 0 before the first call.
   */
  get epoch(): number {
    return this.epochNumber;
  }

  /** Whether what is restored was governed by other limits than those configured now. */
  get hasOldLimits(): boolean {
    const { workspace, total, idleMs } = this.options.series;
    const { limits } = this.governor;
    return limits.workspace !== workspace || limits.total !== total || limits.idleMs !== idleMs;
  }

  /**
   * From here on the limits of the configuration hold: the calls that were counted before a stop have all
   * been read back, under the limits that held when they were counted.
   */
  settle(): void {
    this.governor.limits = this.options.series;
  }

  /** How many series the call families expose. */
  get series(): number {
    return this.table.series + this.fixed.length;
  }

  /**
   * Counts one call. `arrivalMs` is when its record arrived, by a clock that never goes back. Allocates
   * nothing for series that are there.
   */
  apply(call: Call, arrivalMs: number): void {
    const { table, governor } = this;
    if (this.epochNumber === 0) this.epochNumber = Math.floor(arrivalMs / 1000);
    this.advance(arrivalMs);
    governor.folded = 0;
    const tuple =
      table.find(call.workspace, call.model, call.apikey, call.inferenceType) ?? governor.place(call, arrivalMs);
    tuple.hour = this.hour;
    const workspace = tuple.account;
    if (workspace.monitoring !== call.monitoring && workspace.name !== OVERFLOW) {
      table.watch(workspace, call.monitoring);
    }

    const { protocol } = call;
    let slot = protocol === 'SSE' ? tuple.SSE : protocol === 'HTTP' ? tuple.HTTP : tuple.WS;
    if (slot === UNBORN) slot = this.home('calls', protocol, tuple, arrivalMs)[protocol];
    table.numbers.add(slot, outcomeCell(call.outcome), 1);

    if (call.usage !== null) this.countUsage(tuple, call.usage, arrivalMs);
    if (call.cost !== null) this.countCost(tuple, call.cost, arrivalMs);
    if (call.outcome === 'success') this.observeDurations(tuple, call, arrivalMs);
    else if (call.failure !== null) this.countFailure(tuple, call, arrivalMs);
    this.noteModel(tuple.model, call, arrivalMs);
    if (governor.folded !== 0) this.countOverflow(workspace, governor.folded, arrivalMs);
  }

  /**
   * Series that have been idle for too long leave. They are looked for once an hour, by the clock of the
   * calls, so that they leave at the same place among them when these are read back.
   */
  private advance(arrivalMs: number): void {
    if (arrivalMs < this.hourEndMs) return;
    this.hour = Math.floor(arrivalMs / HOUR_MS);
    this.hourEndMs = (this.hour + 1) * HOUR_MS;
    const before = Math.floor((this.hour * HOUR_MS - this.governor.limits.idleMs) / HOUR_MS);
    this.table.expire(before, this.hour);
  }

  /** All call counters are born again at 0 at this arrival. Say in the log why. */
  beginEpoch(nowMs: number): void {
    this.epochNumber = Math.max(this.epochNumber + 1, Math.floor(nowMs / 1000));
    this.table.rebear(nowMs);
  }

  /** Everything as it is now, to be rendered at leisure. One copy of the numbers: about a millisecond for 3 MB. */
  view(nowMs: number): SeriesView {
    // Without calls nothing else would tell that time has passed.
    this.advance(nowMs - SETTLING_MS);
    const { lists, numbers, nextSerial } = this.table;
    const shownUpTo = this.shownUpTo(nowMs);
    return { numbers: numbers.freeze(), lists, serialEnd: nextSerial, fixed: this.fixed, shownUpTo };
  }

  /**
   * Whether a render at `nowMs` shows a counter that no earlier render has shown. The clock must then
   * not go back behind `nowMs` any more, over restarts too: make that durable before the first byte leaves.
   */
  reveals(nowMs: number): boolean {
    return this.table.births.reveals(this.shownUpTo(nowMs));
  }

  /** From now on what a render at `nowMs` shows counts as shown. */
  noteRender(nowMs: number): void {
    this.table.births.reveal(this.shownUpTo(nowMs));
  }

  /** Everything as it is now, to be written at leisure by `encode`. */
  freeze(): FrozenSeries {
    const { table, bounds, options, governor } = this;
    return freezeSeries(table, bounds, options.birthHoldMs, governor.limits, this.epochNumber);
  }

  /** The bytes of a frozen state, in pieces of bounded work and about 64 KB; let the event loop in between. */
  encode(frozen: FrozenSeries): Iterable<Uint8Array> {
    return encodeSeries(frozen);
  }

  private shownUpTo(nowMs: number): number {
    return nowMs - this.options.birthHoldMs;
  }

  private countUsage(tuple: Tuple, usage: Usage, arrivalMs: number): void {
    const { numbers } = this.table;
    let slot = tuple.usage;
    if (slot === UNBORN) slot = this.home('usage', '', tuple, arrivalMs).usage;
    numbers.add(slot, TOTAL, usage.total_tokens);
    numbers.add(slot, INPUT, usage.input_tokens);
    numbers.add(slot, OUTPUT, usage.output_tokens);
    // Written out: a loop over the names reads each field through a slow keyed load.
    if (usage.cache_tokens > 0) this.countOther(tuple, OTHER.cache_tokens, usage.cache_tokens, arrivalMs);
    if (usage.cache_write_tokens > 0)
      this.countOther(tuple, OTHER.cache_write_tokens, usage.cache_write_tokens, arrivalMs);
    if (usage.reasoning_tokens > 0) this.countOther(tuple, OTHER.reasoning_tokens, usage.reasoning_tokens, arrivalMs);
    if (usage.image_tokens > 0) this.countOther(tuple, OTHER.image_tokens, usage.image_tokens, arrivalMs);
    if (usage.audio_tokens > 0) this.countOther(tuple, OTHER.audio_tokens, usage.audio_tokens, arrivalMs);
    if (usage.video_tokens > 0) this.countOther(tuple, OTHER.video_tokens, usage.video_tokens, arrivalMs);
    if (usage.image_count > 0) this.countOther(tuple, OTHER.image_count, usage.image_count, arrivalMs);
    if (usage.audio_count > 0) this.countOther(tuple, OTHER.audio_count, usage.audio_count, arrivalMs);
    if (usage.video_count > 0) this.countOther(tuple, OTHER.video_count, usage.video_count, arrivalMs);
    if (usage.duration > 0) this.countOther(tuple, OTHER.duration, usage.duration, arrivalMs);
    if (usage.characters > 0) this.countOther(tuple, OTHER.characters, usage.characters, arrivalMs);
    if (usage.times > 0) this.countOther(tuple, OTHER.times, usage.times, arrivalMs);
  }

  private countOther(tuple: Tuple, other: number, amount: number, arrivalMs: number): void {
    let slot = tuple.usageOther?.[other] ?? UNBORN;
    if (slot === UNBORN) {
      const type = OTHER_USAGE[other] as keyof Usage;
      const kind = type === 'duration' ? 'usageDuration' : 'usageOther';
      slot = this.home(kind, type, tuple, arrivalMs).slotOf(kind, type);
    }
    this.table.numbers.add(slot, 0, amount);
  }

  /** Whole units and billionths apart: one double of billionths would stop being exact at nine million units. */
  private countCost(tuple: Tuple, cost: Cost, arrivalMs: number): void {
    const { numbers } = this.table;
    let slot = tuple.costs?.get(cost.currency) ?? UNBORN;
    if (slot === UNBORN) {
      slot = this.home('cost', cost.currency, tuple, arrivalMs).slotOf('cost', cost.currency);
    }
    const billionths = cost.nano % NANOS_PER_UNIT;
    numbers.add(slot, 0, (cost.nano - billionths) / NANOS_PER_UNIT);
    if (numbers.add(slot, 1, billionths) >= NANOS_PER_UNIT) {
      numbers.add(slot, 0, 1);
      numbers.add(slot, 1, -NANOS_PER_UNIT);
    }
  }

  private observeDurations(tuple: Tuple, call: Call, arrivalMs: number): void {
    const { bounds } = this;
    const { durationUs, firstTokenUs } = call;
    // Each field written out: read by a name that changes, it takes a slow keyed load.
    if (durationUs !== null) {
      const home = tuple.duration === UNBORN ? this.histogramHome('duration', tuple, arrivalMs) : tuple;
      this.observe(home, home.duration, bounds.duration, durationUs);
    }
    if (firstTokenUs === null) return;
    let home = tuple.firstToken === UNBORN ? this.histogramHome('firstToken', tuple, arrivalMs) : tuple;
    this.observe(home, home.firstToken, bounds.firstToken, firstTokenUs);

    // As OpenTelemetry's gen_ai.server.time_per_output_token: the tokens after the first, so two are needed.
    const outputs = call.usage === null ? 0 : call.usage.output_tokens;
    if (durationUs === null || outputs < 2 || durationUs < firstTokenUs) return;
    const perTokenUs = Math.round((durationUs - firstTokenUs) / (outputs - 1));
    home = tuple.perToken === UNBORN ? this.histogramHome('perToken', tuple, arrivalMs) : tuple;
    this.observe(home, home.perToken, bounds.perToken, perTokenUs);
  }

  private observe(home: Tuple, slot: number, boundsUs: Float64Array, us: number): void {
    const { numbers } = this.table;
    if (home.account.monitoring === 'basic') {
      numbers.add(slot, 0, 1);
      numbers.add(slot, 1, us);
      return;
    }
    const infinite = boundsUs.length;
    let bucket = 0;
    while (bucket < infinite && us > (boundsUs[bucket] as number)) bucket += 1;
    numbers.add(slot, bucket, 1);
    numbers.add(slot, infinite + 1, us);
  }

  private countFailure(tuple: Tuple, call: Call, arrivalMs: number): void {
    const { table } = this;
    const { failure, statusCode } = call;
    if (failure === null) return;
    let slot = tuple.failures;
    if (slot === UNBORN) slot = this.home('failures', '', tuple, arrivalMs).failures;
    table.numbers.add(slot, FAILURES.indexOf(failure), 1);

    if (tuple.account.monitoring === 'advanced') {
      slot = tuple.errorSlot(statusCode, call.errorCode);
      if (slot === UNBORN) slot = this.governor.errorSlot(tuple, statusCode, call.errorCode, arrivalMs);
      table.numbers.add(slot, 0, 1);
    }

    if (failure !== 'timeout') return;
    slot = tuple.timeouts;
    if (slot === UNBORN) slot = this.home('timeouts', '', tuple, arrivalMs).timeouts;
    const stage = call.firstTokenUs === null ? FIRST_TOKEN_STAGE : GENERATION_STAGE;
    table.numbers.add(slot, stage, 1);
  }

  private noteModel(model: Model, call: Call, arrivalMs: number): void {
    const { table } = this;
    if (model.lastCall === UNBORN) table.bear('lastCall', model, '', arrivalMs);
    // A sender's clock may be ahead, and one such call would hide for minutes that no other comes.
    const endUs = Math.min(call.time * 1000 + (call.durationUs ?? 0), arrivalMs * 1000);
    table.numbers.raise(model.lastCall, 0, endUs);
    if (call.late) table.numbers.add(this.governor.modelHome('late', model, arrivalMs).late, 0, 1);
    if (call.unpriced) table.numbers.add(this.governor.modelHome('unpriced', model, arrivalMs).unpriced, 0, 1);
  }

  /** The tuple that has the block, with which the other one shares it. */
  private home(kind: Parameters<Governor['home']>[0], key: string, tuple: Tuple, arrivalMs: number): Tuple {
    const home = this.governor.home(kind, key, tuple, arrivalMs);
    home.hour = this.hour;
    return home;
  }

  private histogramHome(name: HistogramName, tuple: Tuple, arrivalMs: number): Tuple {
    const home = this.governor.histogramHome(name, tuple, arrivalMs);
    home.hour = this.hour;
    return home;
  }

  private countOverflow(workspace: Workspace, folded: number, arrivalMs: number): void {
    if (workspace.overflow === UNBORN) this.table.bear('overflow', workspace, '', arrivalMs);
    for (let dimension = 0; dimension < OVERFLOW_DIMENSIONS.length; dimension++) {
      if ((folded & (1 << dimension)) !== 0) this.table.numbers.add(workspace.overflow, dimension, 1);
    }
  }
}

function outcomeCell(outcome: Outcome): number {
  return OUTCOMES.indexOf(outcome);
}

function limitSeries({ workspace, total }: SeriesLimits): FixedSeries[] {
  const family = 'model_observation_series_limit';
  return [
    { family, labels: labelText('scope', 'all'), value: total },
    { family, labels: labelText('scope', 'workspace'), value: workspace },
  ];
}

function quotaSeries(quota: Quota): FixedSeries[] {
  const place = `${labelText('workspace_id', quota.workspace)},${labelText('model', quota.model)}`;
  return (['rpm', 'tpm'] as const).flatMap((limit) => {
    const value = quota[limit];
    return value === null ? [] : [{ family: 'model_quota', labels: `${place},${labelText('limit', limit)}`, value }];
  });
}
