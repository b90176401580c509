import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CALL_FAMILIES, type Family, type LabelName } from '../projections/metrics/catalogue.js';
import { roleOf } from './labels.js';
import { LEVELS, levelOf, RECORDED_LEVELS, TOTALS_LEVEL } from './levels.js';
import { peakRules } from './peaks.js';
import { recordedSeries } from './recorded-series.js';
import { recordedSeriesReference } from './reference.js';
import { ruleFile } from './rule-file.js';
import { rulesOf, whyNotRecorded } from './rules.js';

const PROMETHEUS = new URL('../../prometheus/', import.meta.url);
const families: readonly Family[] = CALL_FAMILIES;
const minute = rulesOf(levelOf('minute'));

function family(given: Partial<Family> & Pick<Family, 'name' | 'type' | 'labels'>): Family {
  return { help: '', unit: '', explanation: '', example: '', ...given };
}

function secondsOf(duration: string): number {
  const unit = { s: 1, m: 60, h: 3600 }[duration.slice(-1)];
  if (unit === undefined) throw new Error(`no duration: ${duration}`);
  return Number.parseFloat(duration) * unit;
}

describe('what is recorded', () => {
  it('is every counter and histogram of calls, but for these', () => {
    const left = families.filter((candidate) => whyNotRecorded(candidate) !== null).map(({ name }) => name);
    // A family that turns up here is not recorded. If it should be, say so in rules.ts; if not, add it to the list.
    expect(left).toEqual([
      'model_last_call_timestamp_seconds',
      'model_quota',
      'model_workspace_info',
      'model_observation_overflow_calls_total',
      'model_observation_workspace_series',
      'model_observation_series_limit',
    ]);
  });

  it('knows what to do with each of its labels', () => {
    const recorded = families.filter((candidate) => whyNotRecorded(candidate) === null);
    const undecided = recorded.flatMap(({ name, labels }) =>
      labels.filter((label) => roleOf(label) === undefined).map((label) => `${name}: ${label}`),
    );
    expect(undecided, 'decide in exporter/recording/labels.ts what becomes of these labels').toEqual([]);
  });

  it.each(RECORDED_LEVELS)('has a promtool test for every series of the $name level', (level) => {
    const tests = readdirSync(new URL('tests/', PROMETHEUS)).map((name) =>
      readFileSync(new URL(`tests/${name}`, PROMETHEUS), 'utf8'),
    );
    const { counters, buckets } = rulesOf(level);
    const untested = [...counters, ...buckets, ...(level.name === TOTALS_LEVEL.name ? peakRules() : [])].filter(
      ({ record }) => !tests.some((text) => text.includes(record)),
    );
    expect(untested.map(({ record }) => record)).toEqual([]);
  });
});

describe('a rule', () => {
  it('of a counter keeps what a ratio needs, and the key', () => {
    expect(minute.counters.find(({ record }) => record.includes(':model_calls:'))).toEqual({
      record: 'workspace_model_apikey:model_calls:rate2m',
      expr: 'sum without (instance, protocol) (rate(model_calls_total[2m15s]))',
      labels: ['workspace_id', 'model', 'apikey_id', 'inference_type', 'outcome'],
    });
  });

  it('of a counter is there without the key, too', () => {
    expect(minute.counters.find(({ record }) => record.startsWith('workspace_model:model_calls:'))).toEqual({
      record: 'workspace_model:model_calls:rate2m',
      expr: 'sum without (instance, apikey_id, protocol) (rate(model_calls_total[2m15s]))',
      labels: ['workspace_id', 'model', 'inference_type', 'outcome'],
    });
    expect(recordedSeries('model_calls', 'minute')).toBe('workspace_model_apikey:model_calls:rate2m');
  });

  it('of buckets drops the key', () => {
    expect(minute.buckets[0]).toEqual({
      record: 'workspace_model:model_call_duration_seconds_bucket:rate2m',
      expr: 'sum without (instance, apikey_id) (rate(model_call_duration_seconds_bucket[2m15s]))',
      labels: ['workspace_id', 'model', 'inference_type', 'le'],
    });
  });

  it('of sums and counts keeps it: they are all that basic monitoring has', () => {
    const names = minute.counters.map(({ record }) => record);
    expect(names).toContain('workspace_model_apikey:model_call_duration_seconds_sum:rate2m');
    expect(names).toContain('workspace_model_apikey:model_call_duration_seconds_count:rate2m');
  });

  it('follows from type and labels of a family that is new', () => {
    const labels: readonly LabelName[] = ['workspace_id', 'model', 'inference_type', 'protocol', 'stage'];
    const added = rulesOf(levelOf('hour'), [
      family({ name: 'model_retries_total', type: 'counter', labels }),
      family({ name: 'model_load', type: 'gauge', labels }),
    ]);
    expect(added).toEqual({
      counters: [
        {
          record: 'workspace_model:model_retries:rate1h',
          expr: 'sum without (instance, protocol) (rate(model_retries_total[1h15s]))',
          labels: ['workspace_id', 'model', 'inference_type', 'stage'],
        },
      ],
      buckets: [],
    });
  });

  it('is a rate of a raw counter, under one name in all levels', () => {
    const records = RECORDED_LEVELS.flatMap((level) => {
      const { counters, buckets } = rulesOf(level);
      for (const { record, expr } of [...counters, ...buckets]) {
        expect(record).toMatch(new RegExp(`^workspace_model(_apikey)?:model_[a-z_]+:rate${level.window}$`));
        expect(expr).toMatch(
          new RegExp(`^sum without \\([a-z_, ]+\\) \\(rate\\(model_[a-z_]+\\[${level.range}\\]\\)\\)$`),
        );
      }
      return [...counters, ...buckets].map(({ record }) => record);
    });
    expect(new Set(records).size).toBe(records.length);
  });
});

describe('a peak', () => {
  it('is of a minute, of each inference type', () => {
    expect(peakRules().find(({ record }) => record.startsWith('workspace_model:model_calls:'))).toEqual({
      record: 'workspace_model:model_calls:max30m_rate2m',
      expr: 'max_over_time((sum by (workspace_id, model, inference_type) (workspace_model:model_calls:rate2m))[30m:1m])',
      labels: ['workspace_id', 'model', 'inference_type'],
    });
  });

  it('of a key is among the minutes of keys', () => {
    expect(peakRules().find(({ record }) => record.startsWith('workspace_model_apikey:model_calls:'))).toEqual({
      record: 'workspace_model_apikey:model_calls:max30m_rate2m',
      expr: 'max_over_time((sum by (workspace_id, model, apikey_id, inference_type) (workspace_model_apikey:model_calls:rate2m))[30m:1m])',
      labels: ['workspace_id', 'model', 'apikey_id', 'inference_type'],
    });
  });
});

describe('a level', () => {
  it.each(LEVELS)(
    '$name outlasts an evaluation that did not happen and a late one after it',
    ({ interval, window }) => {
      const lookback = 5 * 60;
      const late = 30;
      expect(2 * secondsOf(interval) + late).toBeLessThan(lookback);
      // Each increase is in at least two windows.
      expect(secondsOf(window)).toBeGreaterThanOrEqual(2 * secondsOf(interval));
    },
  );

  it('for totals has windows that touch', () => {
    expect(TOTALS_LEVEL.window).toBe(TOTALS_LEVEL.interval);
  });

  it.each(RECORDED_LEVELS)('$name stands in prometheus/rules as it is generated', ({ name }) => {
    const file = readFileSync(new URL(`rules/recording-${name}.yml`, PROMETHEUS), 'utf8');
    expect(file, 'not what the catalogue says: run npm run generate').toBe(ruleFile(name));
  });

  it('is told by the reference page', () => {
    const page = readFileSync(new URL('../docs/reference/recorded-series.md', PROMETHEUS), 'utf8');
    expect(page, 'not what the catalogue says: run npm run generate').toBe(recordedSeriesReference());
  });
});

describe('the alias files', () => {
  it.each(['model-studio', 'opentelemetry'])('%s.yml records no name that the exporter has', (name) => {
    const text = readFileSync(new URL(`aliases/${name}.yml`, PROMETHEUS), 'utf8');
    const recorded = [...text.matchAll(/record: (\S+)/g)].map(([, record]) => record as string);
    expect(recorded.length).toBeGreaterThan(4);
    const own = families.flatMap(({ name: own, type }) =>
      type === 'histogram' ? ['', '_bucket', '_sum', '_count'].map((suffix) => own + suffix) : [own],
    );
    expect(recorded.filter((record) => own.includes(record))).toEqual([]);
  });
});
