import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { ShippingNews } from '../projections/loki/shipping-news.js';
import { LokiTelemetry } from './loki-telemetry.js';
import { OwnMetrics } from './own-metrics.js';

const NOTHING: ShippingNews = {
  answers: [],
  plainBytes: 0,
  compressedBytes: 0,
  retries: 0,
  stored: 0,
  dead: 0,
  unreadable: [],
  unreadableCount: 0,
  labelsLost: false,
  troubles: {},
  deadLetters: 0,
  deadLettersDropped: 0,
};

function telemetry() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug', base: {} }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const own = new OwnMetrics({ version: '1', node: '20', processMetrics: false });
  const values = async (): Promise<Record<string, number>> => {
    const samples = (await own.families()).flatMap((family) => family.samples);
    const ours = samples.filter(({ name }) => name.startsWith('model_observation_loki_'));
    return Object.fromEntries(ours.map(({ name, labels, value }) => [`${name.slice(23)}{${labels}}`, value]));
  };
  return { lines, values, loki: new LokiTelemetry(own, log) };
}

test('counters begin at 0, by each answer, stage, result and reason', async () => {
  const begun = await telemetry().values();
  expect(begun['pushes_total{answer="no_answer"}']).toBe(0);
  expect(begun['push_bytes_total{stage="before"}']).toBe(0);
  expect(begun['entries_total{result="dead"}']).toBe(0);
  expect(begun['skipped_records_total{reason="age"}']).toBe(0);
});

test('what the thread says is added up', async () => {
  const { loki, values, lines } = telemetry();
  const news: ShippingNews = {
    ...NOTHING,
    answers: [['stored', 0.2]],
    plainBytes: 100,
    compressedBytes: 40,
    stored: 3,
  };
  loki.news({ ...news, dead: 1, deadLetters: 7, retries: 2, unreadable: [9], unreadableCount: 1 });
  loki.news(news);
  expect(await values()).toMatchObject({
    'pushes_total{answer="stored"}': 2,
    'push_duration_seconds_count{}': 2,
    'push_bytes_total{stage="before"}': 200,
    'push_bytes_total{stage="after"}': 80,
    'entries_total{result="stored"}': 6,
    'entries_total{result="dead"}': 1,
    'retries_total{}': 2,
    'skipped_records_total{reason="unreadable"}': 1,
    'dead_letters{}': 0,
  });
  expect(lines.map(({ level }) => level)).toEqual([50, 50]);
});

test('trouble is told once, and its end', () => {
  const { loki, lines } = telemetry();
  for (let turn = 0; turn < 3; turn += 1) loki.news({ ...NOTHING, troubles: { '': 'It is away.', team: 'Too fast.' } });
  loki.news({ ...NOTHING, troubles: { team: 'Too fast.' } });
  expect(lines.map(({ msg, reason, tenant }) => [msg, reason, tenant])).toEqual([
    ['Logs wait for Loki', 'It is away.', undefined],
    ['Logs wait for Loki', 'Too fast.', 'team'],
    ['Loki takes logs again', undefined, undefined],
  ]);
});

test('what the cursor has skipped goes on where it stood before a restart', async () => {
  const { loki, values } = telemetry();
  const backlog = { frames: 5, bytes: 700, ageMs: 1500 };
  const state = (bytes: number) => ({ backlog, skipped: { bytes, age: 2, disk: 3, missing: 0 }, isTroubled: false });
  loki.observe(state(10));
  loki.observe(state(12));
  expect(await values()).toMatchObject({
    'skipped_records_total{reason="bytes"}': 12,
    'skipped_records_total{reason="age"}': 2,
    'skipped_records_total{reason="disk"}': 3,
    'backlog_entries{}': 5,
    'backlog_bytes{}': 700,
    'backlog_age_seconds{}': 1.5,
  });
});
