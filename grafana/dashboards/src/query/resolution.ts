import { LEVELS, type LevelName, levelOf, type MomentLevelName } from '../../../../exporter/recording/levels.js';
import { type ByRange, byRange } from './hidden-variable.js';

/** Ends the name of a recorded series: `workspace_model:model_calls:$resolution`. A hidden variable of every dashboard. */
export const RESOLUTION = 'resolution';

const HOUR = 3600;

/** Up to which range of the dashboard a level is read, in seconds; the last one beyond. Finest first. */
export const LONGEST_RANGES: Readonly<Record<MomentLevelName, number>> = {
  minute: 12 * HOUR,
  '5-minute': 48 * HOUR,
  hour: Number.POSITIVE_INFINITY,
};

const CHOICES: readonly ByRange[] = LEVELS.map(({ name }) => ({
  value: resolutionOf(name),
  upTo: LONGEST_RANGES[name],
}));

/** The value of the variable for a level. */
export function resolutionOf(level: LevelName): string {
  return `rate${levelOf(level).window}`;
}

/** The value of the variable for a range of so many seconds; what Prometheus answers to `resolutionQuery`. */
export function resolutionFor(rangeSeconds: number): string {
  return CHOICES.find(({ upTo }) => rangeSeconds <= upTo)!.value;
}

/** One vector, of the level whose turn it is. */
export function resolutionQuery(): string {
  return byRange(RESOLUTION, CHOICES);
}
