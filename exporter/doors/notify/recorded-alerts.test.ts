import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Files, nodeFiles } from '../../spool/files.js';
import { RecordedAlerts } from './recorded-alerts.js';

const HOUR = 3_600_000;
let folder: string;
let file: string;
let now: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recorded-alerts-'));
  file = join(folder, 'notify', 'alerts.json');
  now = 1_790_000_000_000;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(files: Files = nodeFiles, onUnreadable = () => {}): Promise<RecordedAlerts> {
  return RecordedAlerts.open(file, onUnreadable, () => now, files);
}

test('what was noted is known after a restart, in a file for its owner alone', async () => {
  const recorded = await open();
  await Promise.all([recorded.note(['a']), recorded.note(['b']), recorded.note(['c'])]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await open();
  expect(['a', 'b', 'c', 'd'].map((id) => again.has(id))).toEqual([true, true, true, false]);
});

test('an alert that fires for months is known as long as it is repeated, and forgotten long after', async () => {
  let recorded = await open();
  await recorded.note(['weeks', 'gone']);
  for (let day = 0; day < 90; day += 5) {
    now += 5 * 24 * HOUR;
    recorded = await open();
    expect(recorded.has('weeks')).toBe(true);
    await recorded.note(['weeks']);
  }
  expect((await open()).has('gone')).toBe(false);
});

test('a repeat writes no more than once an hour', async () => {
  const recorded = await open();
  await recorded.note(['a']);
  const before = readFileSync(file, 'utf8');
  now += HOUR - 1;
  await recorded.note(['a']);
  expect(readFileSync(file, 'utf8')).toBe(before);
  now += 1;
  await recorded.note(['a']);
  expect(readFileSync(file, 'utf8')).not.toBe(before);
});

test('there is a bound, and the longest unheard of goes first', async () => {
  const recorded = await open();
  await recorded.note(['oldest']);
  now += 1;
  await recorded.note(Array.from({ length: 20_000 }, (_, index) => `id${index}`));
  expect(recorded.size).toBe(20_000);
  expect([recorded.has('oldest'), recorded.has('id0')]).toEqual([false, true]);
});

test('a save that fails says so, and the next one makes up for it', async () => {
  let isFull = true;
  const files: Files = {
    ...nodeFiles,
    sync: async (fd) => {
      if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      await nodeFiles.sync(fd);
    },
  };
  const recorded = await open(files);
  await expect(recorded.note(['a'])).rejects.toThrow('full');
  expect(existsSync(file)).toBe(false);
  isFull = false;
  await recorded.note(['a']);
  expect((await open()).has('a')).toBe(true);
});

test.each(['{"alerts"', '[]', '{"version":2,"alerts":{}}', 'null'])(
  '%s is told, and nothing is known',
  async (text) => {
    await (await open()).note(['a']);
    writeFileSync(file, text);
    const told = vi.fn();
    expect((await open(nodeFiles, told)).has('a')).toBe(false);
    expect(told).toHaveBeenCalledOnce();
  },
);
