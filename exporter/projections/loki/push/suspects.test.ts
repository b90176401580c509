import { expect, test } from 'vitest';
import type { LogEntry } from '../entry.js';
import { suspectsIn } from './suspects.js';
import { logEntry } from './testdata/log-entries.js';

const at = (time: string, ns = 0n): Partial<LogEntry> => ({ timestampNs: BigInt(Date.parse(time)) * 1_000_000n + ns });

function suspected(message: string, given: readonly Partial<LogEntry>[]): number[] {
  const items = given.map((one) => ({ entry: logEntry(one) }));
  return suspectsIn(message, items).map((item) => items.indexOf(item));
}

test('too long: by bytes, not by characters', () => {
  const message = "max entry size '10' bytes exceeded for stream '{}' while adding an entry with length '12' bytes";
  expect(suspected(message, [{ line: 'x'.repeat(10) }, { line: '漢字漢字' }, { line: 'x'.repeat(11) }])).toEqual([
    1, 2,
  ]);
});

test('too old, too far behind, too new: the second that Loki names is suspected whole', () => {
  const given = [at('2026-01-31T06:59:59Z'), at('2026-01-31T07:00:00Z', 5n), at('2026-01-31T07:00:01Z')];
  const old = 'has timestamp too old: 2026-01-31T05:00:00Z, oldest acceptable timestamp is: 2026-01-31T07:00:00Z';
  expect(suspected(old, given)).toEqual([0, 1]);
  const behind =
    "ignored, reason: 'entry too far behind, entry timestamp is: 2026-01-31T05:00:00Z, oldest acceptable timestamp is: 2026-01-31T07:00:00Z',";
  expect(suspected(behind, given)).toEqual([0, 1]);
  expect(suspected('has timestamp too new: 2026-01-31T07:00:00Z', given)).toEqual([1, 2]);
});

test('structured metadata: by bytes of names and values, and by count', () => {
  const given: Partial<LogEntry>[] = [{ metadata: [['a', '漢']] }, { metadata: [['a', 'xy']] }, { metadata: [] }];
  expect(suspected("has structured metadata too large: '4' bytes, limit: '3' bytes", given)).toEqual([0]);
  expect(suspected("has too many structured metadata labels: '1', limit: '0'", given)).toEqual([0, 1]);
});

test('several reasons in one message', () => {
  const message =
    "2 errors like: max entry size '10' bytes exceeded for stream; 1 errors like: has timestamp too new: 2026-01-31T07:00:00Z";
  const given = [
    { line: 'x'.repeat(11), ...at('2026-01-01T00:00:00Z') },
    { line: 'x', ...at('2026-02-01T00:00:00Z') },
    { line: 'x', ...at('2026-01-01T00:00:00Z') },
  ];
  expect(suspected(message, given)).toEqual([0, 1]);
});

test.each(['', 'no such words', "error parsing labels '{' with error", 'has timestamp too new: soon'])(
  'nobody is suspected: %s',
  (message) => expect(suspected(message, [{}, {}])).toEqual([]),
);
