import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { DuplicateWindow } from './duplicate-window.js';
import { nodeFiles } from './files.js';
import { FaultyFiles } from './testdata/faulty-files.js';
import { cleanUp, flip, scratchFolder } from './testdata/toy-spool.js';
import { WindowFiles } from './window-files.js';

afterEach(cleanUp);

const OPTIONS = { windowMs: 8000, entries: 80 };

function filled(ids: number, everyMs = 10): DuplicateWindow {
  const window = new DuplicateWindow(OPTIONS);
  for (let i = 0; i < ids; i += 1) window.add(i, 1, 1_000_000 + i * everyMs);
  return window;
}

test('a window comes back as it was, and goes on as if nothing had been', async () => {
  const steps = fc.array(fc.nat(1500), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, steps, async (before, after) => {
      const folder = scratchFolder();
      let now = 1_000_000;
      let id = 0;
      const window = new DuplicateWindow(OPTIONS);
      for (const step of before) {
        now += step;
        window.add(id, 1, now);
        id += 1;
      }
      const { chunks } = await new WindowFiles(folder, nodeFiles).save(window.freeze());
      const loaded = await new WindowFiles(folder, nodeFiles).load(Buffer.concat(chunks), OPTIONS);
      expect(loaded.missing).toEqual([]);
      for (const step of after) {
        now += step;
        for (const each of [window, loaded.window]) each.add(id, 1, now);
        id += 1;
        for (let i = 0; i < id; i += 1) expect(loaded.window.has(i, 1)).toBe(window.has(i, 1));
        expect(loaded.window.coverageMs(now)).toBe(window.coverageMs(now));
        expect(loaded.window.size).toBe(window.size);
      }
      fs.rmSync(folder, { recursive: true });
    }),
    { numRuns: 60 },
  );
});

test('a sealed generation is written once, and goes when no kept snapshot needs it', async () => {
  const files = new FaultyFiles();
  const folder = scratchFolder();
  const store = new WindowFiles(folder, files);
  const window = filled(35);
  const first = await store.save(window.freeze());
  expect(fs.readdirSync(folder)).toHaveLength(3);
  expect(first.oldest).toBe(1);
  const written = files.count('write');
  await store.save(window.freeze());
  expect(files.count('write')).toBe(written);
  for (let i = 35; i < 120; i += 1) window.add(i, 1, 1_000_000 + i * 10);
  const later = await store.save(window.freeze());
  expect(later.oldest).toBe(4);
  await store.release(later.oldest);
  expect(fs.readdirSync(folder).map((name) => Number.parseInt(name, 10))).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  expect(fs.readdirSync(folder).every((name) => (fs.statSync(path.join(folder, name)).mode & 0o777) === 0o600)).toBe(
    true,
  );
});

test.each([
  ['missing', (file: string) => fs.rmSync(file)],
  ['damaged', (file: string) => flip(file, 3)],
  ['cut', (file: string) => fs.truncateSync(file, 20)],
  ['empty', (file: string) => fs.truncateSync(file, 0)],
])('a %s generation is named, and the coverage says what it costs', async (_, harm) => {
  const folder = scratchFolder();
  const window = filled(35);
  const { chunks } = await new WindowFiles(folder, nodeFiles).save(window.freeze());
  harm(path.join(folder, fs.readdirSync(folder).sort()[1]!));
  const loaded = await new WindowFiles(folder, nodeFiles).load(Buffer.concat(chunks), OPTIONS);
  expect(loaded.missing).toEqual([2]);
  for (let i = 0; i < 35; i += 1) expect(loaded.window.has(i, 1)).toBe(i < 10 || i >= 20);
  // Its last id arrived 150 ms before the last of all.
  expect(loaded.window.coverageMs(1_000_000 + 34 * 10)).toBe(150);
});

test('a window that the memory bound had cut says so after a restart too', async () => {
  const folder = scratchFolder();
  const window = filled(1000);
  const now = 1_000_000 + 999 * 10;
  expect(window.coverageMs(now)).toBeLessThan(1000);
  const { chunks } = await new WindowFiles(folder, nodeFiles).save(window.freeze());
  const loaded = await new WindowFiles(folder, nodeFiles).load(Buffer.concat(chunks), OPTIONS);
  expect(loaded.window.coverageMs(now)).toBe(window.coverageMs(now));
});

test('a window that was asked to be longer does not claim what it has already forgotten', async () => {
  const folder = scratchFolder();
  // 20 s, with a window of 8 s.
  const window = filled(40, 500);
  const now = 1_000_000 + 39 * 500;
  expect(window.coverageMs(now)).toBe(8000);
  const { chunks } = await new WindowFiles(folder, nodeFiles).save(window.freeze());
  const longer = await new WindowFiles(folder, nodeFiles).load(Buffer.concat(chunks), {
    windowMs: 60_000,
    entries: 80,
  });
  expect(longer.window.coverageMs(now)).toBeLessThan(10_000);
});

test('a file of the same name that a crash left is not taken for this generation', async () => {
  const folder = scratchFolder();
  // Same number, count and first arrival, other ids: a damaged frame was lost in between.
  const before = new DuplicateWindow(OPTIONS);
  for (let i = 0; i < 12; i += 1) before.add(i, 1, 1_000_000);
  await new WindowFiles(folder, nodeFiles).save(before.freeze());
  const after = new DuplicateWindow(OPTIONS);
  for (let i = 0; i < 13; i += 1) if (i !== 5) after.add(i, 1, 1_000_000);
  const { chunks } = await new WindowFiles(folder, nodeFiles).save(after.freeze());
  expect(fs.readdirSync(folder)).toHaveLength(1);
  const loaded = await new WindowFiles(folder, nodeFiles).load(Buffer.concat(chunks), OPTIONS);
  for (let i = 0; i < 13; i += 1) expect(loaded.window.has(i, 1), `${i}`).toBe(i !== 5);
});

test('a write that fails leaves nothing behind, and is done again', async () => {
  const files = new FaultyFiles();
  const folder = scratchFolder();
  const store = new WindowFiles(folder, files);
  const window = filled(15);
  files.room = 40;
  await expect(store.save(window.freeze())).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(fs.readdirSync(folder)).toEqual([]);
  files.heal();
  files.fail('rename', 'EIO');
  await expect(store.save(window.freeze())).rejects.toMatchObject({ code: 'EIO' });
  expect(fs.readdirSync(folder)).toEqual([]);
  await store.save(window.freeze());
  expect(fs.readdirSync(folder)).toHaveLength(1);
});
