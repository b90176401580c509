import { expect, test, vi } from 'vitest';
import type { RecoveryReport } from '../spool/spool.js';
import type { Logger } from './log.js';
import { OwnMetrics } from './own-metrics.js';
import { spoolTelemetry } from './spool-telemetry.js';

const CLEAN: RecoveryReport = {
  frames: 10,
  lastSequence: 10,
  nextSequence: 11,
  lastArrival: 0,
  cutBytes: 0,
  setAside: [],
  lost: [],
  segments: [],
  seconds: 0.123456,
  snapshotSequence: 0,
  repeated: 0,
  problems: [],
  newEpoch: [],
};

function observed() {
  const own = new OwnMetrics({ version: '0', processMetrics: false });
  const lines: string[] = [];
  const write =
    (level: string) =>
    (_facts: object, message: string): void => {
      lines.push(`${level}: ${message}`);
    };
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { own, lines, observer: spoolTelemetry(own, log as unknown as Logger) };
}

/** The first sample of a family, or one by its labels; undefined where there is none. */
async function sample(own: OwnMetrics, name: string, part = ''): Promise<number | undefined> {
  const family = (await own.families()).find((one) => `${name}${part}`.startsWith(one.name));
  return family?.samples.find((one) => one.name === `${name}${part}`)?.value;
}

test('a recovery without anything to say is one line of information', () => {
  const { lines, observer } = observed();
  observer.recovered(CLEAN);
  expect(lines).toEqual(['info: Recovered from the data directory']);
});

test('what was set aside, cut or lost is said and counted', async () => {
  const { own, lines, observer } = observed();
  observer.recovered({
    ...CLEAN,
    cutBytes: 17,
    setAside: [
      { file: 'a', bytes: 100 },
      { file: 'b', bytes: 23 },
    ],
    problems: ['snapshot: damaged'],
    newEpoch: ['a set-aside frame may have been exposed'],
  });
  expect(lines).toEqual([
    'warn: Part of the saved state cannot be used',
    'error: A damaged part of the spool was set aside',
    'error: A damaged part of the spool was set aside',
    'error: All call counters begin again at 0: what they showed cannot be continued exactly',
    'info: An unfinished last write, never acknowledged, was cut off',
    'info: Recovered from the data directory',
  ]);
  expect(await sample(own, 'model_observation_spool_set_aside_total')).toBe(2);
  expect(await sample(own, 'model_observation_spool_set_aside_bytes_total')).toBe(123);
});

test('commits: records, seconds, failures', async () => {
  const { own, lines, observer } = observed();
  observer.committed(12, 4096, 0.002);
  observer.committed(3, 1024, 0.001);
  observer.commitFailed(new Error('EIO'), true);
  expect(await sample(own, 'model_observation_commit_records', '_sum')).toBe(15);
  expect(await sample(own, 'model_observation_commit_duration_seconds', '_count')).toBe(2);
  expect(await sample(own, 'model_observation_commit_failures_total')).toBe(1);
  expect(lines).toEqual(['error: The spool could not write; clients are asked to send again']);
});

test('snapshots: when, how long, failures from 0 on', async () => {
  vi.useFakeTimers({ now: 1_764_000_000_000, toFake: ['Date'] });
  try {
    const { own, lines, observer } = observed();
    expect(await sample(own, 'model_observation_snapshot_timestamp_seconds')).toBeUndefined();
    observer.snapshotSaved(10, 0.25);
    observer.snapshotFailed(new Error('ENOSPC'));
    expect(await sample(own, 'model_observation_snapshot_timestamp_seconds')).toBe(1_764_000_000);
    expect(await sample(own, 'model_observation_snapshot_duration_seconds')).toBe(0.25);
    expect(await sample(own, 'model_observation_snapshot_failures_total')).toBe(1);
    expect(lines[1]).toMatch(/^error: A snapshot could not be saved/);
  } finally {
    vi.useRealTimers();
  }
});
