import { describe, expect, it } from 'vitest';
import { WINDOWS } from '../model/alert-metrics.js';
import { amountOver, isLong, shareOver, windowMs, windowOf } from './window.js';

describe('a window', () => {
  it.each([
    ['2m', 'model_calls:rate2m * 120', 'model_calls:rate2m'],
    ['5m', 'model_calls:rate5m * 300', 'model_calls:rate5m'],
    ['10m', 'sum_over_time(SERIESmodel_calls:rate5m[10m]) * 60', null],
    ['15m', 'sum_over_time(SERIESmodel_calls:rate5m[15m]) * 60', null],
    ['30m', 'sum_over_time(SERIESmodel_calls:rate5m[30m]) * 60', null],
    ['1h', 'model_calls:rate1h * 3600', 'model_calls:rate1h'],
    ['6h', 'sum_over_time(SERIESmodel_calls:rate1h[6h]) * 120', null],
    ['12h', 'sum_over_time(SERIESmodel_calls:rate1h[12h]) * 120', null],
    ['24h', 'sum_over_time(SERIESmodel_calls:rate1h[1d]) * 120', null],
    ['7d', 'sum_over_time(SERIESmodel_calls:rate1h[7d]) * 120', null],
  ])('of %s stands on recorded series', (name, amount, share) => {
    const series = 'workspace_model:';
    const window = windowOf(windowMs(name));
    const expected = amount.includes('SERIES') ? amount.replace('SERIES', series) : series + amount;
    expect(amountOver('model_calls', window, [])).toBe(expected);
    expect(shareOver('model_calls', window, [])).toBe(
      share === null ? expected.replace(/ \* \d+$/, '') : series + share,
    );
  });

  it('is long beyond an hour', () => {
    expect(WINDOWS.filter((name) => isLong(windowOf(windowMs(name))))).toEqual(['6h', '12h', '24h', '7d']);
  });

  it('moves back by an offset, matchers and all', () => {
    expect(amountOver('model_calls', windowOf(3_600_000), ['a="b"', null], '1d')).toBe(
      'workspace_model:model_calls:rate1h{a="b"} offset 1d * 3600',
    );
    expect(shareOver('model_calls', windowOf(600_000), ['a="b"'], '1w')).toBe(
      'sum_over_time(workspace_model:model_calls:rate5m{a="b"}[10m] offset 1w)',
    );
  });

  it('of what is not recorded is an error', () => {
    expect(() => amountOver('model_nothing', windowOf(120_000), [])).toThrow('model_nothing is not recorded');
  });
});
