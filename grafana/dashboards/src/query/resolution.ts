import { LEVELS, type LevelName, levelOf, type MomentLevelName } from '../../../../exporter/recording/levels.js';
import { labelled } from './hidden-variable.js';

/** Ends the name of a recorded series: `workspace_model:model_calls:$resolution`. A hidden variable of every dashboard. */
export const RESOLUTION = 'resolution';

const HOUR = 3600;

/** Up to which range of the dashboard a level is read, in seconds; the last one beyond. Finest first. */
export const LONGEST_RANGES: Readonly<Record<MomentLevelName, number>> = {
  minute: 12 * HOUR,
  '5-minute': 48 * HOUR,
  hour: Number.POSITIVE_INFINITY,
};

interface Choice {
  /** As it ends the names: `rate2m`. */
  readonly name: string;
  /** Ranges longer than this, in seconds. */
  readonly above: number;
  /** And up to this. */
  readonly upTo: number;
}

const CHOICES: readonly Choice[] = LEVELS.map(({ name }, index) => ({
  name: resolutionOf(name),
  above: index === 0 ? 0 : LONGEST_RANGES[LEVELS[index - 1]!.name],
  upTo: LONGEST_RANGES[name],
}));

/** The value of the variable for a level. */
export function resolutionOf(level: LevelName): string {
  return `rate${levelOf(level).window}`;
}

/** The value of the variable for a range of so many seconds; what Prometheus answers to `resolutionQuery`. */
export function resolutionFor(rangeSeconds: number): string {
  return CHOICES.find(({ upTo }) => rangeSeconds <= upTo)!.name;
}

/** One vector, of the level whose turn it is. */
export function resolutionQuery(): string {
  const choices = CHOICES.map(({ name, above, upTo }) => {
    const least = above === 0 ? '' : ` > ${above}`;
    const most = Number.isFinite(upTo) ? ` <= ${upTo}` : '';
    return labelled(`vector($__range_s)${least}${most}`, { [RESOLUTION]: name });
  });
  return `query_result(${choices.join(' or ')})`;
}
