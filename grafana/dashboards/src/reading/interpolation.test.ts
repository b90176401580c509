import { describe, expect, it } from 'vitest';
import { interpolated, type VariableValue } from './interpolation.js';
import { rangeOf, secondsBeforeNow } from './time-range.js';

const variables = new Map<string, VariableValue>([
  ['all', { values: ['.*'], isMulti: true, isRaw: true }],
  ['one', { values: ['qwen2.5-max'], isMulti: true }],
  ['several', { values: ['a.b', 'c|d'], isMulti: true }],
  ['plain', { values: ['gpt-4.1'], isMulti: false }],
]);
const threeHours = rangeOf(0, 10_800);

function filledIn(text: string): string {
  return interpolated(text, variables, threeHours);
}

describe('a variable', () => {
  it.each([
    ['{a=~"$all"}', '{a=~".*"}'],
    ['{a=~"$one"}', String.raw`{a=~"qwen2\\.5-max"}`],
    ['{a=~"$several"}', String.raw`{a=~"(a\\.b|c\\|d)"}`],
    [`{a=~\`\${several:regex}\`}`, String.raw`{a=~${'`'}(a\.b|c\|d)${'`'}}`],
    ['{a="$plain"}', '{a="gpt-4.1"}'],
    ['label_replace(a, "b", "$1", "c", "(.*)")', 'label_replace(a, "b", "$1", "c", "(.*)")'],
    [`\${plain:regex}`, String.raw`gpt-4\.1`],
    [`\${several:csv} \${several:pipe} \${several:raw}`, 'a.b,c|d a.b|c|d a.b,c|d'],
  ])('in %s is %s', (text, expected) => {
    expect(filledIn(text)).toBe(expected);
  });

  it.each(['$workspce', `\${workspce:regex}`, `\${plain:sqlstring}`])('%s is known to nobody', (text) => {
    expect(() => filledIn(text)).toThrow('unknown');
  });
});

describe('time', () => {
  it('is that of the range', () => {
    expect(filledIn('[$__range] $__range_s')).toBe('[10800s] 10800');
    expect(filledIn(`\${__from} \${__to}`)).toBe('0 10800000');
  });

  it.each([
    // A range in seconds, points, the least interval; the interval, the interval of rates.
    [10_800, 1000, '15s', '15s', '60s'],
    [10_800, 100, '15s', '120s', '135s'],
    [10_800, 1000, '1m', '60s', '75s'],
    [30 * 86_400, 1000, '1m', '1800s', '1815s'],
  ])('over %i s with %i points not below %s comes in steps of %s', (seconds, maxDataPoints, interval, step, rate) => {
    const range = rangeOf(0, seconds, { maxDataPoints, interval });
    expect(interpolated('$__interval $__rate_interval', variables, range)).toBe(`${step} ${rate}`);
  });

  it('before now is a length', () => {
    expect(secondsBeforeNow('now-7d')).toBe(604_800);
    expect(() => secondsBeforeNow('now/d')).toThrow('no duration');
  });
});
