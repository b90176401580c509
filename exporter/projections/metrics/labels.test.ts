import { describe, expect, it } from 'vitest';
import { boundText, labelText } from './labels.js';

describe('label text', () => {
  it.each([
    ['plain', 'model="plain"'],
    ['say "hi"', 'model="say \\"hi\\""'],
    ['back\\slash', 'model="back\\\\slash"'],
    ['two\nlines', 'model="two\\nlines"'],
    ['\\n', 'model="\\\\n"'],
    ['模型 🦊\t,{}', 'model="模型 🦊\t,{}"'],
    ['', 'model=""'],
  ])('escapes %j', (value, text) => {
    expect(labelText('model', value)).toBe(text);
  });

  it.each([
    [1, '1.0'],
    [0.01, '0.01'],
    [0.001, '0.001'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [0.000025, '2.5e-05'],
    [2.5, '2.5'],
    [655.36, '655.36'],
    [100000, '100000.0'],
    [1e6, '1e+06'],
    [1234567, '1.234567e+06'],
    [1e10, '1e+10'],
    [Number.POSITIVE_INFINITY, '+Inf'],
  ])('writes the bound %d in its one canonical form', (bound, text) => {
    expect(boundText(bound)).toBe(text);
  });
});
