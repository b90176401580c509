import { describe, expect, test } from 'vitest';
import { PROBLEMS } from '../http/problems.js';
import { verdictOf } from './verdict.js';

const NOW = Date.parse('2026-01-31T08:00:00Z');
const GOOD = { accepted: 1, duplicates: 1, late: 0, rejected: [{ index: 2, field: 'model', message: 'is missing' }] };

function verdict(status: number, body: unknown = '', retryAfter?: string, records = 3) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return verdictOf({ status, body: text, retryAfter }, records, 'http://x', NOW);
}

test('a receipt, and a refusal of every record', () => {
  expect(verdict(202, GOOD)).toEqual({ kind: 'taken', receipt: GOOD });
  const none = { accepted: 0, duplicates: 0, late: 0, rejected: [{ index: 0, field: '', message: 'no' }] };
  expect(verdict(400, { status: 400, ...none }, undefined, 1)).toEqual({ kind: 'taken', receipt: none });
});

test.each([
  ['too few', { ...GOOD, accepted: 0 }],
  ['too many', { ...GOOD, accepted: 2 }],
  ['of another request', { ...GOOD, rejected: [{ index: 3, field: '', message: '' }] }],
])('a receipt that does not account for the records is not believed: %s', (_name, receipt) => {
  expect(verdict(202, receipt)).toMatchObject({ kind: 'stop', reason: expect.stringContaining('records of 3') });
});

test.each([200, 202, 204, 301, 400, 404, 405, 415, 501])('%i without a receipt: stop', (status) => {
  expect(verdict(status, '<html>')).toMatchObject({ kind: 'stop' });
});

test.each([
  [401, '--token-file'],
  [403, 'scope "ingest"'],
  [404, '--url'],
  [302, 'Redirects are not followed'],
])('%i says what to do', (status, words) => {
  const { reason } = verdict(status, { detail: 'The detail' }) as { reason: string };
  expect(reason).toMatch(/^http:\/\/x answered \d+: The detail\. /);
  expect(reason).toContain(words);
});

test.each([408, 429, 500, 502, 503, 504])('%i passes', (status) => {
  expect(verdict(status)).toEqual({ kind: 'again', reason: `http://x answered ${status}.`, waitMs: 0, urgent: false });
});

test('of the problems that the exporter knows, those are final that say nothing of sending again', () => {
  for (const [name, { status, help }] of Object.entries(PROBLEMS)) {
    const kind = verdict(status, { detail: '' }).kind;
    if (kind === 'too-large') continue;
    expect(kind, name).toBe(/again|Send it again/.test(help) ? 'again' : 'stop');
  }
});

describe('Retry-After', () => {
  test.each([
    ['2', 2000],
    [' 0 ', 0],
    ['Sat, 31 Jan 2026 08:00:05 GMT', 5000],
    ['Sat, 31 Jan 2026 07:00:00 GMT', 0],
    ['soon', 0],
    ['-1', 0],
  ])('%j', (header, waitMs) => {
    expect(verdict(503, '', header)).toMatchObject({ waitMs });
  });
});

test('413: the limit where the exporter names it', () => {
  const type = 'urn:model-observation:problem:body-too-large';
  const said = (detail: string, as = type) => (verdict(413, { type: as, detail }) as { limits: unknown }).limits;
  expect(said('The body is larger than limits.body_bytes (1024 bytes).')).toEqual({ bytes: 1024 });
  expect(said('more than limits.batch_records (10) records')).toEqual({ records: 10 });
  expect(said('limits.body_bytes (1024 bytes)', 'about:blank')).toEqual({});
  expect(said('too much')).toEqual({});
  expect(verdict(413, '<html>')).toEqual({ kind: 'too-large', reason: 'is too large', limits: {} });
});
