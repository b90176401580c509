import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type Call, FAILURES } from '../exporter/call/call.js';
import { Pricing } from '../exporter/call/pricing.js';
import { RECORD_FIELDS, RecordProblem, readRecord } from '../exporter/call/record.js';
import { looksLikeSecret } from '../exporter/call/secret-shape.js';
import { loadSettings } from '../exporter/config/load.js';
import type { DemoCall } from './call.js';
import type { Incident } from './incidents.js';
import { MODELS } from './models.js';
import { Traffic, type TrafficOptions } from './traffic.js';
import { LANES } from './workspaces.js';

// Hours of traffic are made here: seconds, and more on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });

const DAY_MS = 900_000;
const OPTIONS: TrafficOptions = { seed: '1', rate: 9, dayMs: DAY_MS };
const NOW = Date.UTC(2026, 0, 31, 12);

const traffic = new Traffic(OPTIONS);
const day = traffic.endedBy(DAY_MS);
const incidents = traffic.incidents
  .changes(0, DAY_MS)
  .filter(({ change }) => change === 'begins')
  .map(({ incident }) => incident);
/** The day without its incidents, which are looked at by themselves. */
const quiet = day.filter(({ start }) => !incidents.some(({ begins, ends }) => start >= begins && start < ends));

function read({ record, start }: DemoCall): Call {
  const call = readRecord({ id: 'demo-1', time: NOW + start, ...record }, NOW + DAY_MS);
  if (call instanceof RecordProblem) throw new Error(`${call.field}: ${call.message} in ${JSON.stringify(record)}`);
  return call;
}

function shareOf(calls: readonly DemoCall[], is: (call: DemoCall) => boolean): number {
  return calls.filter(is).length / calls.length;
}

function during({ begins, ends }: Incident, calls: readonly DemoCall[]): DemoCall[] {
  return calls.filter(({ start }) => start >= begins && start < ends);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

/** The first incident of a kind that some seed has, and the traffic around it. */
function trafficWith(what: string): { incident: Incident; calls: DemoCall[] } {
  for (let seed = 1; ; seed += 1) {
    const found = new Traffic({ ...OPTIONS, seed: String(seed) });
    const incident = found.incidents
      .changes(0, 700_000)
      .find((change) => change.incident.what.includes(what))?.incident;
    if (incident !== undefined) return { incident, calls: found.endedBy(incident.ends + 60_000) };
  }
}

describe('the same seed', () => {
  test('makes the same calls in the same order, however they are asked for', () => {
    const whole = new Traffic(OPTIONS).endedBy(20_000);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 40 }), (steps) => {
        const inSteps = new Traffic(OPTIONS);
        const calls: DemoCall[] = [];
        let time = 0;
        for (const step of steps) {
          time += step;
          calls.push(...inSteps.endedBy(Math.min(time, 20_000)));
        }
        calls.push(...inSteps.endedBy(20_000));
        expect(calls).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  test('and another one makes others', () => {
    const other = new Traffic({ ...OPTIONS, seed: '2' }).endedBy(10_000);
    expect(other.map(({ record }) => record.trace_id)).not.toEqual(
      new Traffic(OPTIONS).endedBy(10_000).map(({ record }) => record.trace_id),
    );
  });
});

describe('a day of calls', () => {
  test('is accepted by the exporter, record by record, and has no field it does not know', () => {
    const fields = new Set<string>(RECORD_FIELDS);
    for (const call of day) {
      read(call);
      expect(Object.keys(call.record).filter((field) => !fields.has(field))).toEqual([]);
    }
    expect(LANES.filter(({ key }) => looksLikeSecret(key))).toEqual([]);
  });

  test('comes in the order of its ends, each after its start', () => {
    for (const [index, { start, end }] of day.entries()) {
      expect(end).toBeGreaterThan(start);
      if (index > 0) expect(end).toBeGreaterThanOrEqual(day[index - 1]!.end);
    }
  });

  test('has about as many calls as were asked for', () => {
    const slow = new Traffic({ ...OPTIONS, rate: 2 }).endedBy(DAY_MS);
    for (const [calls, rate] of [
      [day, 9],
      [slow, 2],
    ] as const) {
      const share = calls.length / (DAY_MS / 1000) / rate;
      expect(share).toBeGreaterThan(0.85);
      // Keys that run wild come on top.
      expect(share).toBeLessThan(1.35);
    }
  });

  test('has failures, but not too many', () => {
    expect(shareOf(quiet, ({ fate }) => fate === 'answered')).toBeGreaterThan(0.9);
    expect(shareOf(quiet, ({ fate }) => fate === 'cancelled')).toBeGreaterThan(0.01);
    expect(shareOf(quiet, ({ fate }) => fate === 'cancelled')).toBeLessThan(0.04);
    for (const fate of ['clientError', 'moderated', 'serverError', 'stuck', 'rateLimited'] as const) {
      expect(shareOf(quiet, (call) => call.fate === fate)).toBeGreaterThan(0.0005);
      expect(shareOf(quiet, (call) => call.fate === fate)).toBeLessThan(0.04);
    }
  });

  test('has rate limits in bursts', () => {
    const seconds = new Map<number, number>();
    for (const { fate, end } of quiet) {
      if (fate === 'rateLimited')
        seconds.set(Math.floor(end / 10_000), (seconds.get(Math.floor(end / 10_000)) ?? 0) + 1);
    }
    expect(Math.max(...seconds.values())).toBeGreaterThan(8);
    expect(seconds.size).toBeLessThan(DAY_MS / 10_000 / 3);
  });

  test('has each lane, both languages, several turns, cached and reasoning tokens, and every protocol', () => {
    expect(
      new Set(day.map(({ record: { apikey_id, model, application } }) => `${apikey_id} ${model} ${application}`)).size,
    ).toBe(LANES.length);
    const calls = day.map(read);
    for (const type of [
      'cache_tokens',
      'cache_write_tokens',
      'reasoning_tokens',
      'image_tokens',
      'image_count',
    ] as const) {
      expect(calls.some(({ usage }) => usage !== null && usage[type] > 0)).toBe(true);
    }
    expect(calls.some(({ usage }) => usage !== null && usage.characters > 0 && usage.total_tokens === 0)).toBe(true);
    expect(new Set(calls.map(({ protocol }) => protocol))).toEqual(new Set(['HTTP', 'SSE', 'WS']));
    const texts = day.map(({ record }) => JSON.stringify(record.request));
    expect(shareOf(day, ({ record }) => /[\u4e00-\u9fff]/.test(JSON.stringify(record.request)))).toBeGreaterThan(0.25);
    expect(texts.filter((text) => text.includes('"role":"assistant"')).length).toBeGreaterThan(300);
    expect(texts.filter((text) => /\{[a-z|]+\}/.test(text))).toEqual([]);
  });

  test('costs something for the models that config/pricing.yml knows', () => {
    const pricing = new Pricing(loadSettings({ env: {} }).settings.pricing);
    const unpriced = new Set<string>();
    for (const call of day.map(read)) {
      if (call.usage === null) continue;
      if (pricing.cost(call.model, NOW, call.inferenceType, call.usage) === null) unpriced.add(call.model);
    }
    const { qwenVision, embedding, picture, speech, transcription } = MODELS;
    expect(unpriced).toEqual(new Set([qwenVision, embedding, picture, speech, transcription].map(({ name }) => name)));
  });

  test('is slower at peaks', () => {
    const first = (from: number, to: number): number =>
      median(
        quiet
          .filter(
            ({ record: { model, apikey_id }, fate }) =>
              model === 'qwen-plus' && apikey_id.startsWith('checkout') && fate === 'answered',
          )
          .filter(({ start }) => start >= from && start < to)
          .flatMap(({ record }) => record.first_token_ms ?? []),
      );
    // The evening's peak is at 20:18, and 04:00 is the quietest hour.
    expect(first(420_000, 470_000)).toBeGreaterThan(1.3 * first(650_000, 800_000));
  });

  test('has late records of batches alone, and few', () => {
    expect(day.filter(({ lateMs, record }) => lateMs > 0 && record.inference_type !== 'batch')).toEqual([]);
    expect(day.filter(({ lateMs }) => lateMs > 600_000).length).toBeGreaterThan(0);
    expect(shareOf(day, ({ lateMs }) => lateMs > 0)).toBeLessThan(0.01);
  });
});

describe('the first three seconds', () => {
  const opening = new Traffic(OPTIONS).endedBy(3_000);
  const calls = opening.map(read);

  test('touch every workspace, model and key', () => {
    const keyOf = ({ workspace, model, apikey, inferenceType }: Call): string =>
      [workspace, model, apikey, inferenceType].join(' ');
    const wanted = LANES.map((lane) =>
      [lane.workspace, lane.model.name, lane.key, lane.batch ? 'batch' : 'realtime'].join(' '),
    );
    const answered = new Set(calls.filter(({ outcome }) => outcome === 'success').map(keyOf));
    expect(wanted.filter((lane) => !answered.has(lane))).toEqual([]);
  });

  test('have every kind of failure, both stages of timeouts, a cancelled call and a late one', () => {
    expect(FAILURES.filter((failure) => !calls.some((call) => call.failure === failure))).toEqual([]);
    const timeouts = calls.filter(({ failure }) => failure === 'timeout');
    expect(timeouts.some(({ firstTokenUs }) => firstTokenUs === null)).toBe(true);
    expect(timeouts.some(({ firstTokenUs }) => firstTokenUs !== null)).toBe(true);
    expect(calls.some(({ outcome }) => outcome === 'cancelled')).toBe(true);
    expect(opening.some(({ lateMs }) => lateMs > 600_000)).toBe(true);
  });
});

describe('an incident shows', () => {
  test('when a model is slow: seven times as long to the first token, and the others as before', () => {
    const { incident, calls } = trafficWith('qwen-plus is slow');
    const firstTokens = (from: DemoCall[], model: string): number[] =>
      from.filter(({ record }) => record.model === model).flatMap(({ record }) => record.first_token_ms ?? []);
    const before = calls.filter(({ start }) => start >= 0 && start < incident.begins);
    const slow = during(incident, calls);
    expect(median(firstTokens(slow, 'qwen-plus'))).toBeGreaterThan(4 * median(firstTokens(before, 'qwen-plus')));
    expect(median(firstTokens(slow, 'gpt-4o'))).toBeLessThan(2 * median(firstTokens(before, 'gpt-4o')));
  });

  test.each([
    ['Anthropic is overloaded', 529, 'overloaded_error', 0.55],
    ['the Qwen models are in trouble', 500, 'InternalError', 0.3],
    ['OpenAI is down', 503, 'service_unavailable', 0.7],
  ])('when %s', (what, status, code, share) => {
    const { incident, calls } = trafficWith(what);
    const { trouble } = incident;
    if (trouble.kind !== 'errors') throw new Error(`not of this kind: ${trouble.kind}`);
    const models = new Set(
      LANES.filter(({ model }) => model.provider === trouble.provider).map(({ model }) => model.name),
    );
    const hit = during(incident, calls).filter(
      ({ record, fate }) => models.has(record.model) && fate !== 'rateLimited',
    );
    const failed = hit.filter(({ record }) => record.status_code === status);
    expect(failed.length).toBeGreaterThan(10);
    expect(failed.some(({ record }) => record.error_code === code)).toBe(true);
    expect(Math.abs(failed.length / hit.length - share)).toBeLessThan(0.15);
  });

  test.each([
    ['search-indexer runs wild', 'search-indexer'],
    ['dev-jonas calls itself', 'dev-jonas'],
  ])('when %s', (what, key) => {
    const { incident, calls } = trafficWith(what);
    const of = (list: readonly DemoCall[]): DemoCall[] => list.filter(({ record }) => record.apikey_id === key);
    const seconds = (incident.ends - incident.begins) / 1000;
    const before =
      of(calls.filter(({ start }) => start >= 0 && start < incident.begins)).length / (incident.begins / 1000);
    expect(of(during(incident, calls)).length / seconds).toBeGreaterThan(5 * before);
    expect(shareOf(of(during(incident, calls)), ({ fate }) => fate === 'rateLimited')).toBeGreaterThan(0.1);
  });

  test('when somebody abuses the chat of support', () => {
    const { incident, calls } = trafficWith('abuses');
    const hit = during(incident, calls).filter(({ record }) => record.workspace_id === 'support');
    expect(shareOf(hit, ({ fate }) => fate === 'moderated')).toBeGreaterThan(0.1);
    expect(hit.map(read).some(({ failure }) => failure === 'content_moderation')).toBe(true);
  });

  test('when a model is stuck: calls time out before anything comes', () => {
    const { incident, calls } = trafficWith('claude-sonnet-4-5 is stuck');
    const hit = during(incident, calls).filter(({ record }) => record.model === 'claude-sonnet-4-5');
    expect(shareOf(hit, ({ fate }) => fate === 'stuck')).toBeGreaterThan(0.25);
  });
});
