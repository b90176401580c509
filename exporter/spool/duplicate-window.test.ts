import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DuplicateWindow, WINDOW_GENERATIONS } from './duplicate-window.js';

const WINDOW_MS = 8000;

test('remembers each id for the whole window or the last so many, and forgets soon after', () => {
  const scenario = fc.record({
    entries: fc.integer({ min: 8, max: 80 }),
    steps: fc.array(fc.nat(1500), { minLength: 1, maxLength: 200 }),
  });
  fc.assert(
    fc.property(scenario, ({ entries, steps }) => {
      const window = new DuplicateWindow({ windowMs: WINDOW_MS, entries });
      const added: number[] = [];
      let now = 1_700_000_000_000;
      for (const step of steps) {
        now += step;
        window.add(added.length % 7, 2 + Math.floor(added.length / 7), now);
        added.push(now);

        const perGeneration = Math.ceil(entries / WINDOW_GENERATIONS);
        expect(window.size).toBeLessThanOrEqual((WINDOW_GENERATIONS + 1) * perGeneration);
        const coverage = window.coverageMs(now);
        expect(coverage).toBeLessThanOrEqual(WINDOW_MS);
        added.forEach((arrival, index) => {
          const has = window.has(index % 7, 2 + Math.floor(index / 7));
          if (now - arrival < coverage) expect(has, `covered: ${index}`).toBe(true);
          // A generation leaves whole, when the next one begins.
          if (now - arrival > WINDOW_MS * 1.25) expect(has, `outdated: ${index}`).toBe(false);
          if (index >= added.length - WINDOW_GENERATIONS && now - arrival <= WINDOW_MS) {
            expect(has, `recent: ${index}`).toBe(true);
          }
        });
      }
    }),
    { numRuns: 150 },
  );
});

test('a burst within the memory bound is remembered for the whole window', () => {
  const window = new DuplicateWindow({ windowMs: WINDOW_MS, entries: 800 });
  for (let i = 0; i < 800; i += 1) window.add(i, 1, 1000);
  window.add(5000, 1, 1000 + WINDOW_MS - 1);
  for (let i = 0; i < 800; i += 1) expect(window.has(i, 1)).toBe(true);
  expect(window.coverageMs(1000 + WINDOW_MS - 1)).toBe(WINDOW_MS);
});

test('says how far back it really reaches when the memory bound cuts it', () => {
  const window = new DuplicateWindow({ windowMs: WINDOW_MS, entries: 80 });
  let now = 1_000_000;
  expect(window.coverageMs(now)).toBe(WINDOW_MS);
  for (let i = 0; i < 1000; i += 1) {
    now += 10;
    window.add(i, 1, now);
  }
  const coverage = window.coverageMs(now);
  // 80 to 90 ids, 10 ms apart.
  expect(coverage).toBeGreaterThanOrEqual(800);
  expect(coverage).toBeLessThanOrEqual(900);
  // Without new ids it comes to reach back further; up to the whole window.
  expect(window.coverageMs(now + 1000)).toBe(coverage + 1000);
  expect(window.coverageMs(now + 100 * WINDOW_MS)).toBe(WINDOW_MS);
});

test('the hash of two zeros is an id like any other', () => {
  const window = new DuplicateWindow({ windowMs: WINDOW_MS, entries: 80 });
  expect(window.has(0, 0)).toBe(false);
  window.add(0, 0, 1000);
  expect(window.has(0, 0)).toBe(true);
});

test('frozen: later ids do not show in it', () => {
  const window = new DuplicateWindow({ windowMs: WINDOW_MS, entries: 16 });
  for (let i = 0; i < 5; i += 1) window.add(i, 1, 1000);
  const { generations } = window.freeze();
  for (let i = 5; i < 10; i += 1) window.add(i, 1, 1000);
  expect(generations.map(({ count, sealed }) => [count, sealed])).toEqual([
    [2, true],
    [2, true],
    [1, false],
  ]);
  expect(generations.map((generation) => generation.pack().length)).toEqual([16, 16, 8]);
});

test('what a snapshot holds does not change while it is written', () => {
  const window = new DuplicateWindow({ windowMs: 1000, entries: 64 });
  for (let i = 1; i <= 5; i += 1) window.add(i, i + 100, 1);
  const [frozen] = window.freeze().generations;
  // Into the same generation, and on into the next.
  for (let i = 6; i <= 20; i += 1) window.add(i, i + 100, 2);
  const ids = new Uint32Array(new Uint8Array(frozen!.pack()).buffer);
  expect([...ids]).toEqual([1, 101, 2, 102, 3, 103, 4, 104, 5, 105]);
});
