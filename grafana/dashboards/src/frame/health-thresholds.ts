import { HEALTH_ALERTS } from '../../../../exporter/alerts/health/health-alerts.js';
import type { AlertLevel } from '../../../../exporter/alerts/model/levels.js';
import { levelThresholds } from './colours.js';

/** Numbers that health alerts compare with: `> 900`, `> 6 * 3600`, `< 1.2 * model_…`. */
const COMPARED = /[<>] (\d[\d.]*(?: \* \d[\d.]*)*)(?: \* [a-z_]+)?(?=\n|$)/;

/** What a health alert compares with at each of its levels, by its name. */
export function healthNumbers(name: string): ReadonlyMap<AlertLevel, number> {
  const numbers = HEALTH_ALERTS.filter((alert) => alert.name === name).map(({ level, expr }) => {
    const [, factors] = COMPARED.exec(expr) ?? [];
    if (factors === undefined) throw new Error(`the alert ${name} compares with no number`);
    return [level, factors.split(' * ').reduce((product, factor) => product * Number(factor), 1)] as const;
  });
  if (numbers.length === 0) throw new Error(`no health alert ${name}`);
  return new Map(numbers);
}

/** The thresholds of a health alert on what is bad when it is high: a panel turns to a colour where the alert would fire. */
export function healthThresholds(name: string) {
  const numbers = [...healthNumbers(name)];
  // "More than none" begins just above 0; all others may as well begin at their number.
  return levelThresholds(new Map(numbers.map(([level, number]) => [level, number === 0 ? JUST_ABOVE_0 : number])));
}

const JUST_ABOVE_0 = 0.001;
