import { type DemoCall, drawCall } from './call.js';
import { Client } from './client.js';
import { Demand } from './demand.js';
import type { Conditions, Fate } from './fate.js';
import { Incidents } from './incidents.js';
import { Random } from './random.js';
import { LANES, type Lane, laneName } from './workspaces.js';

export interface TrafficOptions {
  readonly seed: string;
  /** Calls per second, on average over a day without incidents. */
  readonly rate: number;
  /** How long a day takes, ms. */
  readonly dayMs: number;
}

const STEP_MS = 100;
/** At the beginning each lane has a call that ends within this time, so that every series is there soon. */
const OPENING_MS = 2_500;
const QUIET: Conditions = { pressure: 1, trouble: undefined };

/** What else ends right at the beginning: one of each kind that a quiet minute may not have. */
const OPENING_FATES: readonly (readonly [workspace: string, fate: Fate, lateMs?: number])[] = [
  ['checkout', 'stuck'],
  ['checkout', 'stalled'],
  ['checkout', 'cancelled'],
  ['checkout', 'moderated'],
  ['support', 'rateLimited'],
  ['search', 'rateLimited'],
  ['nightly', 'serverError'],
  ['nightly', 'answered', 900_000],
  ['playground', 'clientError'],
];

/** A lane with what it draws from. */
interface Stream {
  lane: Lane;
  client: Client;
  random: Random;
}

/**
 * The calls of all workspaces, in the order in which they end. They follow from the options alone: the same options make
 * the same calls, however long anybody waits between asking for them.
 */
export class Traffic {
  readonly incidents: Incidents;
  readonly #streams: readonly Stream[];
  readonly #demand: Demand;
  /** The one that ends next is the last. */
  readonly #underWay: DemoCall[] = [];
  #planned = 0;

  constructor({ seed, rate, dayMs }: TrafficOptions) {
    const random = new Random(seed);
    this.incidents = new Incidents(random.fork('incidents'));
    this.#demand = new Demand(rate, dayMs, this.incidents, random.fork('surges'));
    this.#streams = LANES.map((lane) => {
      const own = random.fork(laneName(lane));
      return { lane, random: own, client: new Client(lane, own.fork('texts')) };
    });
    this.#open(random.fork('opening'));
  }

  /**
   * Calls that have ended since the last time, in the order of their ends.
   * @param time ms since the demo began
   */
  endedBy(time: number): DemoCall[] {
    while (this.#planned <= time) {
      this.#plan(this.#planned);
      this.#planned += STEP_MS;
    }
    const ended: DemoCall[] = [];
    for (let next = this.#underWay.at(-1); next !== undefined && next.end <= time; next = this.#underWay.at(-1)) {
      ended.push(next);
      this.#underWay.pop();
    }
    return ended;
  }

  #plan(step: number): void {
    const { rates, pressure, incident } = this.#demand.at(step);
    for (const [index, { lane, client, random }] of this.#streams.entries()) {
      const count = random.poisson((rates[index]! * STEP_MS) / 1000);
      const around = { pressure: lane.batch ? 1 : (pressure.get(lane.model.name) ?? 1), trouble: incident?.trouble };
      for (let call = 0; call < count; call += 1) {
        const start = step + random.whole(0, STEP_MS - 1);
        this.#add(drawCall(lane, client.next(start), start, around, random));
      }
    }
  }

  #open(random: Random): void {
    for (const { lane, client } of this.#streams) this.#addEndingSoon(lane, client, 'answered', random);
    for (const [workspace, fate, lateMs] of OPENING_FATES) {
      const { lane, client } = this.#streams.find(({ lane }) => lane.workspace === workspace)!;
      this.#addEndingSoon(lane, client, fate, random, lateMs);
    }
  }

  #addEndingSoon(lane: Lane, client: Client, fate: Fate, random: Random, lateMs = 0): void {
    const call = drawCall(lane, client.next(0), 0, QUIET, random, fate);
    const end = random.whole(0, OPENING_MS);
    this.#add({ ...call, start: end - call.end, end, lateMs });
  }

  #add(call: DemoCall): void {
    let low = 0;
    let high = this.#underWay.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#underWay[middle]!.end > call.end) low = middle + 1;
      else high = middle;
    }
    this.#underWay.splice(low, 0, call);
  }
}
