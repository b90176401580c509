import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ModelLabelsFile } from './model-labels-file.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-labels-'));
  path = join(folder, 'loki', 'labels.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(onUnreadable = () => {}): Promise<ModelLabelsFile> {
  return ModelLabelsFile.open(path, onUnreadable);
}

test('what was chosen is there after a restart, for its owner alone', async () => {
  const file = await open();
  file.labels.labelFor('w', 'm');
  file.labels.fold('w', 'm', 'audit/success', 5);
  await Promise.all([file.save(), file.save()]);
  const again = await open();
  expect([4, 5].map((sequence) => again.labels.isFolded('w', 'm', 'audit/success', sequence))).toEqual([false, true]);
  expect(readdirSync(join(folder, 'loki'))).toEqual(['labels.json']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('nothing is written while nothing is new', async () => {
  const file = await open();
  await file.save();
  expect(readdirSync(join(folder, 'loki'))).toEqual([]);
});

test('a damaged file is told, and choices begin anew', async () => {
  const first = await open();
  first.labels.labelFor('w', 'm');
  await first.save();
  writeFileSync(path, '{"models":');
  const told = vi.fn();
  const file = await open(told);
  expect(told).toHaveBeenCalledOnce();
  expect(file.labels.labelFor('w', 'm')).toBe('m');
});

test('a save that fails says so, and the next one makes up for it', async () => {
  const file = await open();
  file.labels.labelFor('w', 'm');
  rmSync(join(folder, 'loki'), { recursive: true });
  await expect(file.save()).rejects.toThrow('ENOENT');
  const other = await open();
  expect(other.labels.revision).toBe(0);
  await file.save();
  expect(statSync(path).size).toBeGreaterThan(10);
});
