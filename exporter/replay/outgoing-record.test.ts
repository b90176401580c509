import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outgoingRecord, timeOf } from './outgoing-record.js';
import { idsFromLines, newIds } from './record-ids.js';
import { shifted } from './timeline.js';

const PLAIN = { idOf: () => 'made', replaceIds: false, timeline: null };

function sent(text: string, outgoing: Parameters<typeof outgoingRecord>[1] = PLAIN, number = 1): string {
  return outgoingRecord({ number, bytes: Buffer.from(text) }, outgoing).bytes.toString();
}

describe('id', () => {
  test.each([
    ['{"id":"a","model":"m"}', '{"id":"a","model":"m"}'],
    ['{"model":"m"}', '{"model":"m","id":"made"}'],
    ['{"model":"m" }', '{"model":"m" ,"id":"made"}'],
    ['{"id":null,"model":"m"}', '{"id":"made","model":"m"}'],
    ['{}', '{"id":"made"}'],
  ])('%s', (before, after) => expect(sent(before)).toBe(after));

  test('a wrong one stays, for the exporter to refuse', () => {
    expect(sent('{"id":"","model":"m"}')).toBe('{"id":"","model":"m"}');
    expect(sent('{"id":7}')).toBe('{"id":7}');
  });

  test('a new one for every record where that is asked for', () => {
    expect(sent('{"id":"a"}', { ...PLAIN, replaceIds: true, idOf: newIds('run') }, 8)).toBe('{"id":"replay-run-8"}');
  });

  test.each(['[1]', 'xx', '{"a":1', '"text"'])('what is no object goes as it is: %s', (text) =>
    expect(sent(text)).toBe(text),
  );

  test('the rest of the line is not touched: digits, escapes, white space', () => {
    const line = '{"model": "m\\u00e9", "duration_ms": 1.50e2, "request": {"a":"\\/"}';
    expect(sent(`${line}}`)).toBe(`${line},"id":"made"}`);
  });
});

describe('ids from lines', () => {
  const id = (source: string, line: number, text: string) => idsFromLines(source)(line, Buffer.from(text));

  test('are the same in every version: a file replayed again after an update must not count again', () => {
    expect(id('', 3, '{"model":"m"}')).toBe('replay-143zBPKuCBi8cLunLoZbTM');
  });

  test('differ by line, text and source', () => {
    const ids = [id('', 1, 'a'), id('', 2, 'a'), id('', 1, 'b'), id('x', 1, 'a')];
    expect(new Set(ids).size).toBe(4);
  });

  test('are made from the line as it stands in the file, whatever time it gets', () => {
    const idOf = idsFromLines('');
    const line = '{"time":1000,"model":"m"}';
    const moved = sent(line, { idOf, replaceIds: false, timeline: shifted(5) });
    expect(JSON.parse(moved)).toEqual({ time: 1005, model: 'm', id: idOf(1, Buffer.from(line)) });
  });
});

describe('time', () => {
  const later = { ...PLAIN, timeline: shifted(1500) };

  test.each([
    ['{"id":"a","time":"2026-01-31T08:00:00Z"}', '{"id":"a","time":"2026-01-31T08:00:01.500Z"}'],
    ['{"time":"2026-01-31T09:00:00+01:00","id":"a"}', '{"time":"2026-01-31T08:00:01.500Z","id":"a"}'],
    ['{"time":1000,"id":null}', '{"time":2500,"id":"made"}'],
    ['{"id":"a","time":null}', '{"id":"a","time":null}'],
    ['{"id":"a","time":"yesterday"}', '{"id":"a","time":"yesterday"}'],
    ['{"id":"a"}', '{"id":"a"}'],
  ])('%s', (before, after) => expect(sent(before, later)).toBe(after));

  test('stays to the digit where it is not to be moved', () => {
    expect(sent('{"id":"a","time":1000.5}')).toBe('{"id":"a","time":1000.5}');
  });

  test('is read from the top level only', () => {
    const line = { number: 1, bytes: Buffer.from('{"request":{"time":5}}') };
    expect(timeOf(line)).toBeNull();
    expect(timeOf({ number: 1, bytes: Buffer.from('{"time":5}') })).toBe(5);
    expect(timeOf({ number: 1, bytes: null })).toBeNull();
  });
});

test('an object stays what it was, but for its id', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const before = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
      const after = JSON.parse(sent(JSON.stringify(object))) as Record<string, unknown>;
      expect(after).toEqual({ ...before, id: before.id ?? 'made' });
    }),
  );
});
