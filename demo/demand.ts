import { type Incident, type Incidents, runawayFactor } from './incidents.js';
import type { Random } from './random.js';
import { hourAt } from './rhythm.js';
import { LANES, type Lane } from './workspaces.js';

/** How things stand at a moment. */
export interface Moment {
  readonly incident: Incident | null;
  /** Calls per second of each lane, in the order of {@link LANES}. */
  readonly rates: readonly number[];
  /** How many times its average of real-time calls a model gets, by name. */
  readonly pressure: ReadonlyMap<string, number>;
}

/** A short rush, such as a campaign or a newsletter makes. */
interface Surge {
  begins: number;
  ends: number;
  factor: number;
}

const SURGE_GAP_MS = [60_000, 180_000] as const;
const SURGE_LASTS_MS = [10_000, 25_000] as const;
const SURGE_FACTOR = [1.8, 2.8] as const;
const SURGE_SHARE = mean(SURGE_LASTS_MS) / (mean(SURGE_GAP_MS) + mean(SURGE_LASTS_MS));
/** What surges add on average, so that it can be taken off again: the rate is to be what was asked for. */
const SURGE_AVERAGE = 1 + SURGE_SHARE * (mean(SURGE_FACTOR) - 1);

const TOTAL_WEIGHT = LANES.reduce((sum, { weight }) => sum + weight, 0);

/** How many calls are to be made: each workspace by its day, with surges, and with what incidents do. */
export class Demand {
  readonly #surges = new Map<string, Surge>();
  readonly #averages = new Map<string, number>();

  /** @param rate calls per second on average over a day without incidents */
  constructor(
    private readonly rate: number,
    private readonly dayMs: number,
    private readonly incidents: Incidents,
    private readonly random: Random,
  ) {
    for (const lane of LANES) if (!lane.batch) add(this.#averages, lane.model.name, this.#average(lane));
  }

  /** @param time ms since the demo began; never earlier than the time before */
  at(time: number): Moment {
    const incident = this.incidents.at(time);
    const hour = hourAt(time, this.dayMs);
    const pressure = new Map<string, number>();
    const rates = LANES.map((lane) => {
      const usual = (lane.rhythm(hour) * this.#surgeFactor(lane.workspace, time)) / SURGE_AVERAGE;
      const rate = this.#average(lane) * (runawayFactor(incident?.trouble, lane) ?? usual);
      if (!lane.batch) add(pressure, lane.model.name, rate / this.#averages.get(lane.model.name)!);
      return rate;
    });
    return { incident, rates, pressure };
  }

  #average({ weight }: Lane): number {
    return (this.rate * weight) / TOTAL_WEIGHT;
  }

  #surgeFactor(workspace: string, time: number): number {
    let surge = this.#surges.get(workspace);
    while (surge === undefined || time >= surge.ends) {
      const begins = (surge?.ends ?? 0) + this.random.between(...SURGE_GAP_MS);
      const ends = begins + this.random.between(...SURGE_LASTS_MS);
      surge = { begins, ends, factor: this.random.between(...SURGE_FACTOR) };
      this.#surges.set(workspace, surge);
    }
    return time >= surge.begins ? surge.factor : 1;
  }
}

function mean([least, most]: readonly [number, number]): number {
  return (least + most) / 2;
}

function add(sums: Map<string, number>, name: string, amount: number): void {
  sums.set(name, (sums.get(name) ?? 0) + amount);
}
