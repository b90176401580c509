import { expect, test } from 'vitest';
import { labelText } from './label-text.js';

test.each([
  ['qwen-plus', 'qwen-plus'],
  ['模型 🎉', '模型 🎉'],
  ['m\ufffd', 'm?'],
  ['m\ud800', 'm?'],
])('%j is the label %j', (text, label) => {
  expect(labelText(text)).toBe(label);
});
