import type { Problems } from '../../config/config-error.js';
import type { Kind } from '../../config/kind.js';
import { type Read, scalar } from '../../config/scalar-kinds.js';
import type { Scalar, Tree } from '../../config/tree.js';
import type { AlertMetricName, Unit } from '../model/alert-metrics.js';

/** Far above what anything reaches; keeps numbers in the expressions finite and exact. */
const MOST = 1e15;
/** A budget or a quota can be passed many times over; no other share is above the whole. */
const MOST_OF_A_LIMIT = 100;
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** The number that a threshold of this metric and aggregation says, in its unit; undefined when it is refused. */
export function readQuantity(
  tree: Tree,
  of: { metric: AlertMetricName; unit: Unit },
  key: string,
  problems: Problems,
): number | undefined {
  return quantity(of.metric, of.unit).read(tree, key, problems);
}

/** A value as it would be written in the file: `5%`, `2.5s`, `1200`. */
export function writtenQuantity(value: number, unit: Unit): string {
  // 0.07 × 100 is a little more than 7.
  if (unit === 'share') return `${Number((value * 100).toPrecision(12))}%`;
  return unit === 'seconds' ? `${value}s` : String(value);
}

function quantity(metric: AlertMetricName, unit: Unit): Kind<number> {
  if (unit === 'share') return share(metric === 'budget' || metric === 'quota' ? MOST_OF_A_LIMIT : 1);
  if (unit === 'seconds')
    return scalar('duration', 'a duration such as 2s, 1.5s or 500ms, or a number of seconds', seconds);
  const allowed = unit === 'times' ? 'how many times as much, such as 2 for twice' : `a number from 0 to ${MOST}`;
  return scalar('number', allowed, (value) =>
    typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value)
      ? { hint: 'Remove the quotes.' }
      : numberUpTo(MOST, value),
  );
}

function share(most: number): Kind<number> {
  const allowed = `a share such as 5% or 0.05, from 0 to ${most}`;
  return scalar('share', allowed, (value) => {
    if (typeof value === 'string') {
      const percent = /^(\d{1,15}(?:\.\d{1,15})?) ?%$/.exec(value);
      return percent === null ? { hint: null } : numberUpTo(most, Number(percent[1]) / 100);
    }
    const read = numberUpTo(most, value);
    if ('value' in read || typeof value !== 'number' || value > 100) return read;
    return value > most ? { hint: `Did you mean ${value}%?` } : read;
  });
}

function seconds(value: Scalar): Read<number> {
  if (typeof value !== 'string') return numberUpTo(MOST, value);
  const parts = [...value.matchAll(/(\d{1,12}(?:\.\d{1,9})?)(ms|[smhd])/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== value) {
    return { hint: /^\d+(?:\.\d+)?$/.test(value) ? 'Add the unit: ms, s, m, h or d.' : null };
  }
  const sum = parts.reduce((total, [, number, unit]) => total + Number(number) * SECONDS[unit!]!, 0);
  return { value: Number(sum.toPrecision(12)) };
}

function numberUpTo(most: number, value: Scalar): Read<number> {
  // `+ 0` makes an honest zero of -0.
  return typeof value === 'number' && value >= 0 && value <= most ? { value: value + 0 } : { hint: null };
}
