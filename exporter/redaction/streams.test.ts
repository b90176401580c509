import { describe, expect, test } from 'vitest';
import { createRedactor, type RedactedContent } from './redactor.js';

const redactor = createRedactor();

function redact(value: unknown, by = redactor): RedactedContent {
  const before = structuredClone(value);
  const redacted = by.redactContent(value);
  expect(value).toEqual(before);
  if ('withheld' in redacted) throw new Error(redacted.withheld);
  expect(by.redactContent(redacted.value)).toEqual({ value: redacted.value, counts: {} });
  return redacted;
}

/** Cuts a text into pieces of a few characters. */
function pieces(text: string, size = 3): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}

const TEXT = 'Write to alice@example.com or call 138 0013 8000 today.';
const REDACTED = 'Write to [email] or call [phone] today.';

describe('text over the chunks of a stream', () => {
  test('OpenAI: content', () => {
    const chunks = pieces(TEXT).map((content, index) => ({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1764000000,
      choices: [{ index: 0, delta: index === 0 ? { role: 'assistant', content } : { content }, finish_reason: null }],
    }));
    const { value, counts } = redact({ response: chunks });
    const { response } = value as { response: typeof chunks };
    expect(response.map(({ choices }) => choices[0]!.delta.content).join('')).toBe(REDACTED);
    expect(response.map(({ id }) => id)).toEqual(chunks.map(({ id }) => id));
    expect(counts).toEqual({ email: 1, phone: 1 });
  });

  test('OpenAI: two choices that take turns', () => {
    const chunks = pieces(TEXT).flatMap((content) => [
      { choices: [{ index: 0, delta: { content } }] },
      { choices: [{ index: 1, delta: { content: content.toUpperCase() } }] },
    ]);
    const { value } = redact(chunks);
    const text = (choice: number) =>
      (value as typeof chunks)
        .flatMap(({ choices }) => choices.filter(({ index }) => index === choice).map(({ delta }) => delta.content))
        .join('');
    expect(text(0)).toBe(REDACTED);
    expect(text(1)).toBe('WRITE TO [email] OR CALL [phone] TODAY.');
  });

  test('OpenAI: arguments of two tool calls', () => {
    const first = JSON.stringify({ to: 'alice@example.com', password: 'hunter22', mobile: 13800138000 });
    const second = JSON.stringify({ to: 'bob\u0040example.com', n: 1 }).replace('@', '\\u0040');
    const call = (index: number, text: string) => ({
      choices: [{ index: 0, delta: { tool_calls: [{ index, function: { arguments: text } }] } }],
    });
    const chunks = [...pieces(first).map((text) => call(0, text)), ...pieces(second, 2).map((text) => call(1, text))];
    const { value } = redact(chunks);
    const joined = (wanted: number) =>
      (value as typeof chunks)
        .map(({ choices }) => choices[0]!.delta.tool_calls[0]!)
        .filter(({ index }) => index === wanted)
        .map((each) => each.function.arguments)
        .join('');
    expect(JSON.parse(joined(0))).toEqual({ to: '[email]', password: '[credential]', mobile: '[phone]' });
    expect(JSON.parse(joined(1))).toEqual({ to: '[email]', n: 1 });
  });

  test('Anthropic: text, thinking and partial JSON by block', () => {
    const delta = (index: number, key: string, text: string) => ({
      type: 'content_block_delta',
      index,
      delta: { type: `${key}_delta`, [key]: text },
    });
    const events = [
      { type: 'message_start', message: { id: 'msg_1', content: [] } },
      ...pieces(TEXT, 4).map((text) => delta(0, 'text', text)),
      ...pieces('{"card":"4111 1111 1111 1111"}', 5).map((text) => delta(1, 'partial_json', text)),
      { type: 'message_stop' },
    ];
    const { value } = redact({ response: events });
    const joined = (wanted: string) =>
      (value as { response: { delta?: Record<string, string> }[] }).response
        .map((event) => event.delta?.[wanted] ?? '')
        .join('');
    expect(joined('text')).toBe(REDACTED);
    expect(joined('partial_json')).toBe('{"card":"[bank_card]"}');
  });

  test('Responses API, Gemini, DashScope', () => {
    const responses = pieces(TEXT).map((delta) => ({
      type: 'response.output_text.delta',
      output_index: 0,
      content_index: 0,
      delta,
    }));
    const gemini = pieces(TEXT).map((text) => ({ candidates: [{ content: { parts: [{ text }], role: 'model' } }] }));
    const dashscope = pieces(TEXT).map((content) => ({
      output: { choices: [{ message: { content } }] },
      request_id: 'r',
    }));
    const { value } = redact({ responses, gemini, dashscope });
    const redacted = value as { responses: typeof responses; gemini: typeof gemini; dashscope: typeof dashscope };
    expect(redacted.responses.map(({ delta }) => delta).join('')).toBe(REDACTED);
    expect(redacted.gemini.map(({ candidates }) => candidates[0]!.content.parts[0]!.text).join('')).toBe(REDACTED);
    expect(redacted.dashscope.map(({ output }) => output.choices[0]!.message.content).join('')).toBe(REDACTED);
  });

  test('a stream that repeats the text so far shows no beginning of a find', () => {
    const chunks = Array.from({ length: TEXT.length }, (_, index) => ({ output: { text: TEXT.slice(0, index + 1) } }));
    const { value, counts } = redact(chunks);
    const texts = (value as typeof chunks).map(({ output }) => output.text);
    expect(texts.at(-1)).toBe(REDACTED);
    expect(texts.filter((text) => /to a|@|call 1/.test(text))).toEqual([]);
    expect(counts).toEqual({ email: 1, phone: 1 });
  });

  test('server-sent events as they came, as objects and as text', () => {
    const chunks = pieces(TEXT).map((content) => JSON.stringify({ choices: [{ index: 0, delta: { content } }] }));
    const asText = `${chunks.map((chunk) => `data: ${chunk}\n\n`).join('')}data: [DONE]\n\n`;
    const asObjects = chunks.map((data) => ({ event: 'message', data }));
    const { value } = redact({ asText, asObjects });
    const redacted = value as { asText: string; asObjects: typeof asObjects };
    const contentOf = (json: string) => JSON.parse(json).choices[0].delta.content as string;
    expect(redacted.asObjects.map(({ data }) => contentOf(data)).join('')).toBe(REDACTED);
    const lines = redacted.asText.split('\n\n').filter((line) => line.startsWith('data: {'));
    expect(lines.map((line) => contentOf(line.slice(6))).join('')).toBe(REDACTED);
    expect(redacted.asText.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test('a list of fragments, and text parts that a find goes across', () => {
    const parts = [
      { type: 'text', text: 'I am alice@exam' },
      { type: 'text', text: 'ple.com, hello' },
    ];
    const { value } = redact({ fragments: pieces(TEXT), parts });
    const redacted = value as { fragments: string[]; parts: typeof parts };
    expect(redacted.fragments.join('')).toBe(REDACTED);
    expect(redacted.parts.map(({ text }) => text).join('')).toBe('I am [email], hello');
  });

  test('messages and rows of a table have nothing to do with each other', () => {
    const content = {
      messages: [
        { role: 'user', content: 'it costs 138' },
        { role: 'assistant', content: '00138000 is what I read' },
      ],
      rows: [{ id: '138' }, { id: '00138' }, { id: '000' }],
      stop: ['alice@', 'the end of it all, as was foretold', 'example.com and then some more of the same'],
    };
    expect(redact(content).value).toBe(content);
  });

  test('drop: the whole text goes, in its first piece', () => {
    const dropping = createRedactor({ actions: { email: 'drop' } });
    const chunks = pieces('mail alice@example.com').map((content) => ({ choices: [{ index: 0, delta: { content } }] }));
    const { value } = redact(chunks, dropping);
    expect((value as typeof chunks).map(({ choices }) => choices[0]!.delta.content).join('')).toBe('[dropped:email]');
  });
});
