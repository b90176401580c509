import { expect, test } from 'vitest';
import { table } from './table.js';

test('columns are as wide as their widest cell, with nothing at the end of a line', () => {
  expect(
    table([
      ['RULE', 'FOR', 'WHO'],
      ['failure-rate', '5m', 'ops'],
      ['x', '10m', ''],
    ]),
  ).toBe('RULE          FOR  WHO\nfailure-rate  5m   ops\nx             10m\n');
});

test('a column in which nothing is goes', () => {
  expect(
    table([
      ['A', 'B', 'C'],
      ['1', '', '3'],
    ]),
  ).toBe('A  C\n1  3\n');
});

test('Chinese and emoji take two columns, accents that are laid over a letter none', () => {
  const rows = ['失败率', '🔥', 'e\u0301', 'plain'].map((name) => [name, '|']);
  expect(table([['NAME', '-'], ...rows])).toBe('NAME    -\n失败率  |\n🔥      |\ne\u0301       |\nplain   |\n');
});
