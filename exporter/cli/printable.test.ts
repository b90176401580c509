import { expect, test } from 'vitest';
import { printable } from './printable.js';

test('what moves a cursor or sets a title is shown as its code; lines, tabs and all letters stay', () => {
  expect(printable('\u001b]0;title\u0007\u001b[31mred\rspoof\u009b1A\u007f')).toBe(
    '\\u001b]0;title\\u0007\\u001b[31mred\\u000dspoof\\u009b1A\\u007f',
  );
  expect(printable('line\n\ttab 模型 🎉')).toBe('line\n\ttab 模型 🎉');
});
