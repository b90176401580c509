import { expect, test } from 'vitest';
import { alertLine, alertText } from './alert-text.js';

test('what would colour a terminal or turn the direction of writing is escaped; line breaks stay', () => {
  expect(alertText('a\u001b[31m\u202eb\nc 失败率 🔥')).toBe('a\\u001b[31m\\u202eb\nc 失败率 🔥');
});

test('in one line', () => {
  expect(alertLine('a\n\tb\u2028c')).toBe('a  b c');
});
