import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DeadLetter, DeadLetters, type DeadLettersOptions, ORIGINAL_TIMESTAMP } from './dead-letters.js';
import type { LogEntry } from './entry.js';
import { anyLogEntry, logEntries, logEntry } from './push/testdata/log-entries.js';

let folder: string;
const opened: DeadLetters[] = [];

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'dead-letters-')), 'letters');
});

afterEach(async () => {
  for (const letters of opened.splice(0)) await letters.close();
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

async function open(given: Partial<DeadLettersOptions> = {}): Promise<DeadLetters> {
  const letters = await DeadLetters.open({ folder, maxBytes: 1_000_000, owner: true, ...given });
  opened.push(letters);
  return letters;
}

async function listed(letters: DeadLetters): Promise<DeadLetter[]> {
  const all: DeadLetter[] = [];
  for await (const letter of letters.list()) all.push(letter);
  return all;
}

const files = () => readdirSync(folder).sort();

test('a letter comes back as it was, after a restart too, with tenant, reason and time', async () => {
  const letters = await open({ now: () => 1_700_000_000_123 });
  const entries = logEntries(3);
  for (const entry of entries) await letters.add(entry, 'team', 'said Loki:\nno');
  for (const one of [letters, await open()]) {
    expect(one.count).toBe(3);
    const all = await listed(one);
    expect(all.map(({ entry }) => entry)).toEqual(entries);
    expect(all[0]).toMatchObject({
      tenant: 'team',
      reason: 'said Loki:\nno',
      refusedAt: 1_700_000_000_123,
      stampNs: null,
    });
  }
});

test('any entry', async () => {
  const letters = await open();
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(anyLogEntry, { minLength: 1, maxLength: 5 }), async (entries) => {
      for (const entry of entries) await letters.add(entry, '', 'x');
      const all = await listed(letters);
      expect(all.map(({ entry }) => entry)).toEqual(entries);
      await letters.remove(all);
    }),
    { numRuns: 20 },
  );
});

test('files and folder are for their owner alone', async () => {
  await (await open()).add(logEntry(), '', 'x');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(files()).toEqual(['dead-letters-00000001.ndjson']);
  expect(statSync(join(folder, files()[0]!)).mode & 0o777).toBe(0o600);
});

test('the same entry twice, after a crash, is one letter; of another tenant it is another', async () => {
  const letters = await open();
  await letters.add(logEntry(), 'a', 'x');
  await letters.add(logEntry(), 'a', 'y');
  await letters.add(logEntry(), 'b', 'x');
  const again = await open();
  await again.add(logEntry(), 'a', 'x');
  expect(again.count).toBe(2);
  expect((await listed(again)).map(({ tenant, reason }) => [tenant, reason])).toEqual([
    ['a', 'x'],
    ['b', 'x'],
  ]);
});

test('at once: each is there when its add returns', async () => {
  const letters = await open();
  const entries = logEntries(50);
  await Promise.all(
    entries.map(async (entry) => {
      await letters.add(entry, '', 'x');
      expect(readFileSync(join(folder, files()[0]!), 'utf8')).toContain(JSON.stringify(entry.line));
    }),
  );
  expect(letters.count).toBe(50);
});

describe('a crash in the middle of a line', () => {
  test.each([1, 40, 200])(
    '%i bytes short: that letter is not there, the others are, and what follows is',
    async (bytes) => {
      const letters = await open();
      const entries = logEntries(4);
      for (const entry of entries.slice(0, 3)) await letters.add(entry, '', 'x');
      await letters.close();
      const file = join(folder, files()[0]!);
      truncateSync(file, statSync(file).size - bytes);
      const again = await open();
      expect(again.count).toBe(2);
      await again.add(entries[3]!, '', 'x');
      expect((await listed(await open())).map(({ entry }) => entry)).toEqual([entries[0], entries[1], entries[3]]);
    },
  );

  test('junk between lines is passed over', async () => {
    const letters = await open();
    await letters.add(logEntry(), '', 'x');
    appendFileSync(join(folder, files()[0]!), '\n{"letter"\nnull\n[]\n"x"\n{"other":1}\n');
    await letters.add(logEntry({ line: '2' }), '', 'x');
    expect((await listed(await open())).map(({ entry }) => entry.line)).toEqual([logEntry().line, '2']);
  });
});

test('beyond the budget the oldest go, and are counted', async () => {
  const letters = await open({ maxBytes: 80_000 });
  const entries = logEntries(300, (index) => ({ line: `${index}`.padEnd(1000) }));
  for (const entry of entries) await letters.add(entry, '', 'x');
  expect(letters.bytes).toBeLessThanOrEqual(80_000);
  expect(letters.bytes).toBeGreaterThan(60_000);
  expect(letters.dropped + letters.count).toBe(300);
  const kept = (await listed(letters)).map(({ entry }) => entry);
  expect(kept).toEqual(entries.slice(letters.dropped));
});

test('a letter larger than the budget is kept while it is the last', async () => {
  const letters = await open({ maxBytes: 10_000 });
  await letters.add(logEntry({ line: 'x'.repeat(20_000) }), '', 'x');
  expect(letters.count).toBe(1);
  await letters.add(logEntry({ line: 'small' }), '', 'x');
  expect((await listed(letters)).map(({ entry }) => entry.line)).toEqual(['small']);
  expect(letters.dropped).toBe(1);
});

test('removed letters stay away, and their files go once nothing in them is kept', async () => {
  const letters = await open({ maxBytes: 80_000 });
  for (const entry of logEntries(50, (index) => ({ line: `${index}`.padEnd(1000) }))) await letters.add(entry, '', 'x');
  const before = files().length;
  expect(before).toBeGreaterThan(4);
  await letters.remove((await listed(letters)).slice(0, 40));
  expect(letters.count).toBe(10);
  expect(files().length).toBeLessThan(before);
  const again = await open({ maxBytes: 80_000 });
  expect((await listed(again)).map(({ entry }) => entry.line.trim())).toEqual(
    Array.from({ length: 10 }, (_, index) => `${index + 40}`),
  );
});

describe('a time for sending it again', () => {
  test('is fixed once: the entry is the same each time, after a restart too', async () => {
    let now = 1_800_000_000_000;
    const letters = await open({ now: () => now++ });
    const [a, b] = logEntries(2);
    await letters.add(a!, '', 'x');
    await letters.add(b!, '', 'x');
    const [first, second] = await listed(letters);
    const [stamped] = (await letters.stamp([first!])) as [LogEntry];
    expect(stamped).toEqual({
      ...a,
      timestampNs: expect.any(BigInt),
      metadata: [
        ['call_id', '1'],
        [ORIGINAL_TIMESTAMP, '1700000000000000000'],
        ['status_code', '200'],
      ],
    });
    expect(stamped.timestampNs).toBeGreaterThan(1_799_999_999_999n * 1_000_000n);
    const [again, other] = (await letters.stamp([first!, second!])) as [LogEntry, LogEntry];
    expect(again).toEqual(stamped);
    expect(other.timestampNs).toBeGreaterThan(stamped.timestampNs);
    const later = await open({ now: () => now + 1e9 });
    const [same] = await listed(later);
    expect(same!.stampNs).toBe(stamped.timestampNs);
    expect(await later.stamp([same!])).toEqual([stamped]);
  });

  test('several in the same moment: each has its own', async () => {
    const letters = await open({ now: () => 1_800_000_000_000 });
    for (const entry of logEntries(5)) await letters.add(entry, '', 'x');
    const times = (await letters.stamp(await listed(letters))).map(({ timestampNs }) => timestampNs);
    expect(times.map((time) => time - times[0]!)).toEqual([0n, 1n, 2n, 3n, 4n]);
  });
});

test('two processes: the command line takes out what the exporter has, without touching its files', async () => {
  const exporter = await open();
  for (const entry of logEntries(3)) await exporter.add(entry, '', 'x');
  const command = await open({ owner: false });
  const all = await listed(command);
  await command.remove(all);
  expect(files()).toHaveLength(2);
  await exporter.add(logEntry({ line: 'later' }), '', 'x');
  expect((await listed(exporter)).map(({ entry }) => entry.line)).toEqual(['later']);
  expect(exporter.count).toBe(1);
  expect((await listed(command)).map(({ entry }) => entry.line)).toEqual(['later']);
});

test('a folder that cannot be written: the error comes out, and the next try is a new one', async () => {
  const letters = await open();
  rmSync(folder, { recursive: true });
  await expect(letters.add(logEntry(), '', 'x')).rejects.toThrow('ENOENT');
  const again = await open();
  await again.add(logEntry(), '', 'x');
  await letters.add(logEntry({ line: '2' }), '', 'x');
  expect((await listed(again)).map(({ entry }) => entry.line)).toEqual([logEntry().line, '2']);
});
