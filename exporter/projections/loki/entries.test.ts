import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../call/call.js';
import { callOf, nastyText, usageOf } from '../metrics/testdata/calls.js';
import { cutText } from './cut-text.js';
import { entriesOf, type LoggedCall } from './entries.js';
import type { LogEntry } from './entry.js';
import { ModelLabels } from './model-labels.js';
import { IncompleteCall, reassemble } from './reassemble.js';
import { PART_BYTES, PREVIEW_BYTES } from './sizes.js';

const TIME = Date.UTC(2026, 10, 24, 3, 24, 41, 870);
const ARRIVAL = TIME + 3000;
const call = callOf({
  id: 'chatcmpl-1',
  time: TIME,
  protocol: 'SSE',
  durationUs: 1_840_250,
  firstTokenUs: 310_000,
  usage: usageOf({ total_tokens: 12, input_tokens: 10, output_tokens: 2, duration: 1_500_000 }),
  cost: { currency: 'CNY', nano: 2_623_200 },
  traceId: 'trace-1',
  tags: ['web'],
});

function logged(given: Partial<LoggedCall> = {}): LoggedCall {
  return { call, arrivalMs: ARRIVAL, content: null, modelLabel: call.model, ...given };
}

function ofLog(entries: readonly LogEntry[], log: string): LogEntry[] {
  return entries.filter(({ labels }) => labels.log === log);
}

/** What a query for the call gives back. */
function queried(entries: readonly LogEntry[]) {
  return entries.map(({ labels, line, metadata }) => ({
    log: labels.log ?? '',
    line,
    fields: { ...labels, ...Object.fromEntries(metadata) },
  }));
}

describe('the audit log of a call', () => {
  it('says who, what, how long and how it ended, and is found by its metadata', () => {
    const [entry, ...others] = entriesOf(logged());
    expect(others).toEqual([]);
    expect(entry?.labels).toEqual({
      log: 'audit',
      model: 'qwen-plus',
      outcome: 'success',
      service_name: 'model-observation',
      workspace_id: 'default',
    });
    expect(entry?.timestampNs).toBe(BigInt(TIME) * 1_000_000n + 1_840_250_000n);
    expect(JSON.parse(entry?.line ?? '')).toEqual({
      time: '2026-11-24T03:24:41.870Z',
      id: 'chatcmpl-1',
      workspace_id: 'default',
      model: 'qwen-plus',
      apikey_id: 'others',
      inference_type: 'realtime',
      protocol: 'SSE',
      outcome: 'success',
      status_code: 200,
      duration_ms: 1840.25,
      first_token_ms: 310,
      usage: { total_tokens: 12, input_tokens: 10, output_tokens: 2, duration: 1.5 },
      cost: { currency: 'CNY', amount: 0.0026232 },
      trace_id: 'trace-1',
      tags: ['web'],
    });
    expect(Object.fromEntries(entry?.metadata ?? [])).toEqual({
      apikey_id: 'others',
      call_id: 'chatcmpl-1',
      duration_ms: '1840.25',
      first_token_ms: '310',
      inference_type: 'realtime',
      input_tokens: '10',
      output_tokens: '2',
      protocol: 'SSE',
      status_code: '200',
      trace_id: 'trace-1',
    });
    const names = entry?.metadata.map(([name]) => name);
    expect(names).toEqual(names?.toSorted());
  });

  it('stands at its arrival when the call ended more than half an hour before it, with the true time beside', () => {
    const end = TIME + 1840.25;
    const at = (arrivalMs: number) => entriesOf(logged({ arrivalMs }))[0] as LogEntry;
    expect(at(Math.floor(end) + 30 * 60_000).timestampNs).toBe(BigInt(TIME) * 1_000_000n + 1_840_250_000n);
    const late = at(Math.ceil(end) + 30 * 60_000);
    expect(late.timestampNs).toBe(BigInt(Math.ceil(end) + 30 * 60_000) * 1_000_000n);
    expect(Object.fromEntries(late.metadata).call_time).toBe('2026-11-24T03:24:41.870Z');
  });

  it('names the true model where its label is folded', () => {
    const [entry] = entriesOf(logged({ modelLabel: '__overflow__' }));
    expect(entry?.labels.model).toBe('__overflow__');
    expect(Object.fromEntries(entry?.metadata ?? []).model_name).toBe('qwen-plus');
    expect(JSON.parse(entry?.line ?? '').model).toBe('qwen-plus');
  });
});

describe('the inference log of a call', () => {
  it('has request and response behind the head, in one line', () => {
    const content = JSON.stringify({ request: { messages: [{ content: '你好 🙂\n' }] }, response: 'ok' });
    const entries = entriesOf(logged({ content }));
    expect(entries.map(({ labels }) => labels.log)).toEqual(['audit', 'inference']);
    const line = JSON.parse(entries[1]?.line ?? '');
    expect(Object.keys(line)[0]).toBe('time');
    expect({ request: line.request, response: line.response }).toEqual(JSON.parse(content));
    expect(reassemble(queried(entries))?.content).toBe(content);
  });

  it('goes to parts when it is too long for a line: a first entry with its beginning, then all of it', () => {
    const content = JSON.stringify({ request: '问'.repeat(300_000), response: { text: '🙂'.repeat(10) } });
    const entries = entriesOf(logged({ content }));
    const [first] = ofLog(entries, 'inference');
    const parts = ofLog(entries, 'inference_part');
    const line = JSON.parse(first?.line ?? '');
    expect(line).toMatchObject({ parts: parts.length, content_bytes: Buffer.byteLength(content) });
    expect(content.startsWith(line.preview)).toBe(true);
    expect(Buffer.byteLength(line.preview)).toBeGreaterThan(PREVIEW_BYTES - 4);
    for (const part of parts) expect(Buffer.byteLength(part.line)).toBeLessThanOrEqual(PART_BYTES);
    expect(parts.map(({ timestampNs }) => timestampNs - (first as LogEntry).timestampNs)).toEqual(
      parts.map((_, index) => BigInt(index + 1)),
    );
    expect(new Set(entries.flatMap(({ metadata }) => Object.fromEntries(metadata).call_id))).toEqual(
      new Set(['chatcmpl-1']),
    );
    expect(reassemble(queried(entries.toReversed().concat(entries)))?.content).toBe(content);
  });

  it('cannot be put together while a part is missing, and says which', () => {
    const content = JSON.stringify({ request: 'x'.repeat(3 * PART_BYTES) });
    const lines = queried(entriesOf(logged({ content }))).filter(({ fields }) => fields.part !== '2');
    expect(() => reassemble(lines)).toThrow(IncompleteCall);
    expect(() => reassemble(lines)).toThrow('1 of 4 parts are missing (2)');
  });

  it('no entry is longer than Loki takes, whatever the call says of itself', () => {
    const long = {
      errorMessage: '错'.repeat(16 * 1024),
      tags: Array<string>(16).fill('🙂'.repeat(64)),
    } satisfies Partial<Call>;
    const content = JSON.stringify({ request: '"'.repeat(PART_BYTES) });
    for (const { line } of entriesOf(logged({ call: { ...call, ...long }, content }))) {
      expect(Buffer.byteLength(line)).toBeLessThan(256 * 1024);
    }
  });
});

it('a call whose content was not kept has its head alone; one of which there is no line is not there', () => {
  expect(reassemble(queried(entriesOf(logged())))).toMatchObject({ head: { id: 'chatcmpl-1' }, content: null });
  expect(reassemble([])).toBe(null);
});

it('the same call makes the same entries, to the byte, and any content comes back', () => {
  const json = fc.jsonValue();
  fc.assert(
    fc.property(json, json, nastyText, (request, response, id) => {
      const content = JSON.stringify({ request, response }).toWellFormed();
      const one = logged({ content, call: { ...call, id } });
      expect(entriesOf(one)).toEqual(entriesOf(structuredClone(one)));
      expect(JSON.parse(reassemble(queried(entriesOf(one)))?.content ?? '')).toEqual(JSON.parse(content));
    }),
  );
});

it('pieces of a text are whole characters, and joined they are the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 4, max: 50 }), (text, bytes) => {
      const pieces = [...cutText(text, bytes)];
      expect(pieces.join('')).toBe(text.toWellFormed());
      for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(bytes);
    }),
  );
});

describe('labels of models', () => {
  it('are given to the first so many of a workspace, and stay over a restart', () => {
    const labels = new ModelLabels({}, 2);
    expect(['a', 'b', 'c', 'a'].map((model) => labels.labelFor('w', model))).toEqual(['a', 'b', '__overflow__', 'a']);
    expect(labels.labelFor('other', 'c')).toBe('c');
    const again = new ModelLabels(JSON.parse(JSON.stringify(labels)), 2);
    expect(['c', 'b', 'a'].map((model) => again.labelFor('w', model))).toEqual(['__overflow__', 'b', 'a']);
  });

  it('fold where Loki has no room for another stream', () => {
    const labels = new ModelLabels();
    labels.labelFor('w', 'old');
    labels.labelFor('w', 'new');
    expect(labels.fold('w', 'new', 'audit/failure', 5)).toBe(true);
    expect(labels.fold('w', 'new', 'audit/failure', 7)).toBe(false);
    for (const each of [labels, new ModelLabels(JSON.parse(JSON.stringify(labels)))]) {
      // What may be in Loki already keeps its label, and so do the streams that are there.
      expect([4, 5].map((sequence) => each.isFolded('w', 'new', 'audit/failure', sequence))).toEqual([false, true]);
      expect(each.isFolded('w', 'new', 'audit/success', 5)).toBe(false);
      expect(['old', 'new', 'newer'].map((model) => each.labelFor('w', model))).toEqual(['old', 'new', '__overflow__']);
    }
    expect(labels.labelFor('other', 'new')).toBe('new');
  });

  it('no name is special', () => {
    const labels = new ModelLabels();
    for (const name of ['__proto__', 'constructor']) labels.labelFor(name, name);
    const again = new ModelLabels(JSON.parse(JSON.stringify(labels)), 1);
    expect(again.labelFor('__proto__', 'x')).toBe('__overflow__');
    expect(again.labelFor('__proto__', '__proto__')).toBe('__proto__');
  });
});
