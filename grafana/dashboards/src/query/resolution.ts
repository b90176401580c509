import { LEVELS, type LevelName, levelOf } from '../../../../exporter/recording/levels.js';
import { evaluationSeconds } from '../../../../exporter/recording/recorded-series.js';

/** Ends the name of a recorded series: `workspace_model:model_calls:$resolution`. A hidden variable of every dashboard. */
export const RESOLUTION = 'resolution';

const HOUR = 3600;

/** Up to which range of the dashboard a level is read, in seconds; the last one beyond. Finest first. */
export const LONGEST_RANGES: Readonly<Record<LevelName, number>> = {
  minute: 12 * HOUR,
  '5-minute': 48 * HOUR,
  hour: Number.POSITIVE_INFINITY,
};

interface Choice {
  readonly level: LevelName;
  /** As it ends the names: `rate2m`. */
  readonly name: string;
  /** Ranges longer than this, in seconds. */
  readonly above: number;
  /** And up to this. */
  readonly upTo: number;
}

const CHOICES: readonly Choice[] = LEVELS.map(({ name }, index) => ({
  level: name,
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

/**
 * Grafana cannot reckon with the range of a dashboard; Prometheus can. It gives back one vector, of the level whose turn it is, and
 * the variable takes the name from its label. Asked again whenever the range changes, and never kept in the URL: a link
 * with another range gets the level of that range.
 */
export function resolutionQuery(): string {
  const choices = CHOICES.map(({ name, above, upTo }) => {
    const least = above === 0 ? '' : ` > ${above}`;
    const most = Number.isFinite(upTo) ? ` <= ${upTo}` : '';
    return `label_replace(vector($__range_s)${least}${most}, "${RESOLUTION}", "${name}", "", "")`;
  });
  return `query_result(${choices.join(' or ')})`;
}

/** Takes the name of the level out of the answer to `resolutionQuery`. */
export const RESOLUTION_REGEX = `/${RESOLUTION}="([^"]+)"/`;

/** Seconds between two evaluations of the level that is read, as PromQL: 60, or 120 for long ranges. */
export function evaluationSecondsExpression(): string {
  const [first, ...others] = CHOICES;
  let before = evaluationSeconds(first!.level);
  const terms = [String(before)];
  for (const { level, above } of others) {
    const seconds = evaluationSeconds(level);
    if (seconds !== before) terms.push(`${seconds - before} * ($__range_s > bool ${above})`);
    before = seconds;
  }
  return `(${terms.join(' + ')})`;
}
