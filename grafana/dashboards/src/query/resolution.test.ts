import { describe, expect, it } from 'vitest';
import { regexOf } from './hidden-variable.js';
import { RESOLUTION, resolutionFor, resolutionQuery } from './resolution.js';

const HOUR = 3600;
const RANGES = [300, HOUR, 12 * HOUR, 12 * HOUR + 1, 48 * HOUR, 48 * HOUR + 1, 7 * 24 * HOUR, 30 * 24 * HOUR];

describe('the level that is read', () => {
  it.each([
    ['an hour', HOUR, 'rate2m'],
    ['12 hours', 12 * HOUR, 'rate2m'],
    ['a day', 24 * HOUR, 'rate5m'],
    ['2 days', 48 * HOUR, 'rate5m'],
    ['a week', 7 * 24 * HOUR, 'rate1h'],
    ['a month', 30 * 24 * HOUR, 'rate1h'],
  ])('of %s', (_name, seconds, level) => {
    expect(resolutionFor(seconds)).toBe(level);
  });

  it.each(RANGES)('is the first that Prometheus answers with, over %i s', (seconds) => {
    const choices = resolutionQuery().matchAll(/vector\(\$__range_s\)(?: <= (\d+))?, "resolution", "(\w+)"/g);
    const answers = [...choices].filter(([, upTo = 'Infinity']) => seconds <= Number(upTo)).map(([, , name]) => name);
    expect(answers[0]).toBe(resolutionFor(seconds));
  });

  it('is taken out of the answer as Grafana writes it', () => {
    const regex = new RegExp(regexOf(RESOLUTION).slice(1, -1));
    expect(regex.exec('{resolution="rate5m"} 86400 1700000000000')?.[1]).toBe('rate5m');
  });
});
