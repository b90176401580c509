import fc from 'fast-check';
import { expect, it } from 'vitest';
import { literal } from './go-template.js';

/** Reads a template of which only actions with a quoted text are good, as Go's lexer does: an action begins at the first `{{`. */
function shown(template: string): string {
  const begin = template.indexOf('{{');
  if (begin === -1) return template;
  const [action, value] = /^\{\{ "([^"]*)" \}\}/.exec(template.slice(begin)) ?? [];
  if (action === undefined) throw new Error(`Go would not read ${template}`);
  return template.slice(0, begin) + value + shown(template.slice(begin + action.length));
}

const text = fc.string({ unit: fc.constantFrom(...'{{{}}- a"'), maxLength: 12 });

it('a text is shown as it is, also before an action', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(shown(literal(before))).toBe(before);
      expect(shown(`${literal(before)}{{ "X" }}${literal(after)}`)).toBe(`${before}X${after}`);
    }),
    { numRuns: 2000 },
  );
});

it('what has no two braces stays readable', () => {
  expect(literal('a {b} c')).toBe('a {b} c');
  expect(literal('{{x')).toBe('{{ "{" }}{x');
});
