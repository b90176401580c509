import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { roughly } from './figures.js';
import { Progress } from './progress.js';
import { progressBar, progressText } from './progress-line.js';

const FACTS = { done: 12_400, perSecond: 8210.4, share: 0.436, retries: 3, waiting: '' };

describe('the bar', () => {
  test.each([
    [100, '[=============                 ]  12,400 records  43 %  8,210/s  3 retries'],
    [60, '[=======        ]  12,400 records  43 %  8,210/s  3 retries'],
    [46, '12,400 records  43 %  8,210/s  3 retries'],
    [40, '12,400 records  43 %  8,210/s'],
    [28, '12,400 records  43 %'],
    [10, '12,400 re'],
    [1, ''],
  ])('%i columns', (columns, line) => {
    expect(progressBar(FACTS, columns, false)).toBe(line);
    expect(line.length).toBeLessThan(columns);
  });

  test('in colour', () => {
    expect(progressBar({ ...FACTS, share: 1, retries: 0 }, 80, true)).toBe(
      `[\u001b[32m${'='.repeat(30)}\u001b[39m]  12,400 records  100 %  8,210/s`,
    );
    expect(progressBar({ ...FACTS, share: 0 }, 80, true)).not.toContain('\u001b');
  });

  test('of an input whose length nobody knows: no bar', () => {
    expect(progressBar({ ...FACTS, share: null, done: 1, retries: 1 }, 80, true)).toBe('1 record  8,210/s  1 retry');
  });

  test('says what it waits for', () => {
    expect(progressBar({ ...FACTS, waiting: 'next call in 2h' }, 60, false)).toContain('8,210/s  next call in 2h');
  });
});

test('a line for a log', () => {
  expect(progressText(FACTS)).toBe('12,400 records, 43 %, 8,210/s, 3 retries');
});

test.each([
  [850, '850ms'],
  [12_000, '12s'],
  [59_600, '1m'],
  [90_000, '1m30s'],
  [3_600_000, '1h'],
  [7_980_000, '2h13m'],
])('%i ms is roughly %s', (ms, text) => expect(roughly(ms)).toBe(text));

describe('while it runs', () => {
  let written: string;
  let done: number;
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    written = '';
    done = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const progress = (style: 'bar' | 'lines' | 'none', columns = 80) =>
    new Progress({
      screen: { write: (text) => (written += text), columns },
      style,
      colour: false,
      now: () => Date.now(),
      facts: () => ({ done, share: null, retries: 0, waiting: '' }),
    });

  function pass(ms: number): void {
    for (let at = 0; at < ms; at += 200) {
      done += 100;
      vi.advanceTimersByTime(200);
    }
  }

  test('bar: one line, redrawn; a message stands above it; nothing is left', () => {
    const it = progress('bar');
    it.start();
    pass(400);
    it.message('a message');
    pass(200);
    it.finish();
    pass(1000);
    const drawn = ['100 records  500/s', '200 records  500/s', 'a message\n', '300 records  500/s', ''];
    expect(written).toBe(drawn.map((text) => `\r\u001b[K${text}`).join(''));
  });

  test('bar: the rate is that of the last five seconds', () => {
    const it = progress('bar');
    it.start();
    pass(10_000);
    vi.advanceTimersByTime(6000);
    it.finish();
    expect(written).toContain('5,000 records  500/s');
    expect(written).toMatch(/5,000 records {2}0\/s\r/);
  });

  test('lines: one now and then, without control characters', () => {
    const it = progress('lines');
    it.start();
    pass(21_000);
    it.message('a message');
    it.finish();
    expect(written).toBe('5,000 records, 500/s\n10,000 records, 500/s\na message\n');
  });

  test('none: messages alone', () => {
    const it = progress('none');
    it.start();
    pass(60_000);
    it.message('a message');
    it.finish();
    expect(written).toBe('a message\n');
  });
});
