import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from './yaml-text.js';

it('keeps what YAML 1.1 takes for ends of lines, and marks, as escapes', () => {
  const data = { a: 'x\u2028y', 'b\u0085': ['\ufeff"\\', 'plain', 'two\nlines'], c: 'w\u2029\nz' };
  const text = yamlText(data);
  expect(text).not.toMatch(/[\u0085\u2028\u2029\ufeff]/);
  expect(text).toContain('\\u2028');
  expect(parse(text)).toEqual(data);
});
