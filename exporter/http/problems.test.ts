import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HttpProblem, PROBLEM_TYPE_PREFIX, PROBLEMS, type ProblemKind, problemDetails } from './problems.js';
import { problemsReference } from './reference.js';

const EXPORTER = join(import.meta.dirname, '..');

/** Names of problems that some source file makes, whether in quotes after `new HttpProblem(` or on the next line. */
function problemsSent(): Set<string> {
  const names = new Set<string>();
  for (const file of readdirSync(EXPORTER, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const source = readFileSync(join(EXPORTER, file), 'utf8');
    for (const [, name] of source.matchAll(/new HttpProblem\(\s*([^,\s]+),/g)) names.add(name!);
  }
  return names;
}

test('every problem that the code sends is in the catalogue, and every one in the catalogue is sent', () => {
  const catalogued = Object.keys(PROBLEMS).map((name) => `'${name}'`);
  expect([...problemsSent()].toSorted()).toEqual(catalogued.toSorted());
});

test('each problem has a status that fits HTTP, a title, and help that is a sentence', () => {
  for (const [name, { status, title, help }] of Object.entries<ProblemKind>(PROBLEMS)) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(status, name).toBeGreaterThanOrEqual(400);
    expect(status, name).toBeLessThan(600);
    expect(title, name).toMatch(/^[A-Z][^.]+$/);
    // It is also the reason phrase of a raw answer.
    expect(title, name).toMatch(/^[\x20-\x7e]+$/);
    expect(help, name).toMatch(/^[A-Z].*\.$/);
  }
});

test('the details of a problem are those of RFC 9457, with what is known besides', () => {
  expect(problemDetails(new HttpProblem('no-valid-record', 'record 0: model is missing', { accepted: 0 }))).toEqual({
    type: `${PROBLEM_TYPE_PREFIX}no-valid-record`,
    title: 'No record could be accepted',
    status: 400,
    detail: 'record 0: model is missing',
    accepted: 0,
  });
});

test('the committed page is up to date (npm run generate writes it)', () => {
  const committed = readFileSync(new URL('../../docs/reference/problems.md', import.meta.url), 'utf8');
  expect(committed).toBe(problemsReference());
});
