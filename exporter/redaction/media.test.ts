import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRedactor } from './redactor.js';

const redactor = createRedactor();
const bytes = Buffer.from(Array.from({ length: 999 }, (_, index) => (index * 7919) % 251));
const base64 = bytes.toString('base64');
const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const summary = (type: string) => `data:${type};size=999;sha256=${hash}`;

function redact(value: unknown, by = redactor): unknown {
  const redacted = by.redactContent(value);
  if ('withheld' in redacted) throw new Error(redacted.withheld);
  expect(by.redactContent(redacted.value)).toEqual({ value: redacted.value, counts: {} });
  return redacted.value;
}

const url = (type: string) => `data:${type};base64,${base64}`;

/** As the providers' APIs have it. */
const CASES: readonly (readonly [what: string, value: unknown, expected: unknown])[] = [
  ['OpenAI image_url', { image_url: { url: url('image/png') } }, { image_url: { url: summary('image/png') } }],
  [
    'OpenAI input_audio',
    { input_audio: { data: base64, format: 'wav' } },
    { input_audio: { data: summary('audio/wav'), format: 'wav' } },
  ],
  ['OpenAI file', { file: { file_data: url('application/pdf') } }, { file: { file_data: summary('application/pdf') } }],
  ['OpenAI image answer', { data: [{ b64_json: base64 }] }, { data: [{ b64_json: summary('image') }] }],
  [
    'OpenAI audio answer',
    { message: { audio: { id: 'a', data: base64 } } },
    { message: { audio: { id: 'a', data: summary('audio') } } },
  ],
  [
    'OpenAI audio event',
    { type: 'response.audio.delta', delta: base64 },
    { type: 'response.audio.delta', delta: summary('audio') },
  ],
  [
    'Anthropic source',
    { source: { type: 'base64', media_type: 'image/jpeg', data: base64 } },
    { source: { type: 'base64', media_type: 'image/jpeg', data: summary('image/jpeg') } },
  ],
  [
    'Gemini inlineData',
    { inlineData: { mimeType: 'audio/mp3', data: base64 } },
    { inlineData: { mimeType: 'audio/mp3', data: summary('audio/mp3') } },
  ],
  [
    'Gemini inline_data',
    { inline_data: { mime_type: 'image/webp', data: base64 } },
    { inline_data: { mime_type: 'image/webp', data: summary('image/webp') } },
  ],
  [
    'DashScope',
    { content: [{ image: url('image/jpeg') }, { audio: url('audio/wav') }] },
    { content: [{ image: summary('image/jpeg') }, { audio: summary('audio/wav') }] },
  ],
  ['parameters', url('audio/webm;codecs=opus'), summary('audio/webm')],
  [
    'in Markdown',
    `see ![a](${url('image/png')}) and alice@example.com`,
    `see ![a](${summary('image/png')}) and [email]`,
  ],
  ['in JSON text', JSON.stringify({ url: url('image/png') }), JSON.stringify({ url: summary('image/png') })],
  [
    'in JSON text that was cut off',
    `{"url":"${url('image/png').replaceAll('/', '\\/')}","n`,
    `{"url":"${summary('image/png')}","n`,
  ],
];

test.each(CASES)('%s: type, size and hash', (_, value, expected) => {
  expect(redact(value)).toEqual(expected);
});

test.each(CASES)('%s: counted', (_, value) => {
  expect(redactor.redactContent(value)).toMatchObject({ counts: { media: expect.any(Number) } });
});

test('keepMedia: the bytes stay, and nothing searches them', () => {
  const keeping = createRedactor({ keepMedia: true, patterns: [{ name: 'any', pattern: 'AIoZ' }] });
  const value = { input_audio: { data: base64 }, url: `${url('image/png')} 12` };
  expect(redact(value, keeping)).toBe(value);
});

test('mode full keeps text, and replaces media all the same', () => {
  const full = createRedactor({ mode: 'full' });
  const value = { text: 'alice@example.com', url: url('image/png') };
  expect(redact(value, full)).toEqual({ text: 'alice@example.com', url: summary('image/png') });
  expect(redact(value, createRedactor({ mode: 'full', keepMedia: true }))).toBe(value);
});

test('data: without base64, and data that is no media, are text', () => {
  const value = { url: 'data:text/plain,alice@example.com', data: 'alice@example.com', embedding: base64 };
  expect(redact(value)).toEqual({ ...value, url: 'data:text/plain,[email]', data: '[email]' });
});
