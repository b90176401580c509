import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  ContentDoor,
  type ContentDoorOptions,
  type KeptCall,
} from '../exporter/doors/content/testdata/content-door.js';
import { placesOf, spellings } from '../exporter/doors/content/testdata/secret-places.js';
import { SECRETS } from '../exporter/redaction/testdata/secrets.js';
import { cleanUp, scratchFolder } from '../exporter/spool/testdata/toy-spool.js';

const open: ContentDoor[] = [];

afterEach(async () => {
  for (const door of open.splice(0)) await door.close();
  await cleanUp();
});

async function doorWith(options: ContentDoorOptions = {}): Promise<ContentDoor> {
  const door = await ContentDoor.open(options);
  open.push(door);
  return door;
}

const MAIL = 'alice@example.com';
/** Long enough for a thread to be asked. */
const LONG = 'word '.repeat(60_000);
/** Lines that are wrong in every way there is, and some that are not. */
const LINES = [
  `{"id":"1","model":"m","request":"${LONG}${MAIL}","user":"${MAIL}","tags":["${MAIL}"]}`,
  '',
  '{"id":"2","model":"m","response":{"content":"\\ud800 ok"},"unknown":1,"__proto__":{"model":"x"}}',
  '{"id":"3"}',
  '{"id":"4","model":"m","model":"n"}',
  '{"id":"5","model":"m","request":{"a":{"b":1,"b":2}}}',
  '{"id":"6","model":"m","duration_ms":1e999,"request":1}',
  '{"id":"7","model":"m","duration_ms":-0,"request":1}',
  `{"id":"8","model":"m","request":${'['.repeat(80)}${']'.repeat(80)}}`,
  '{"id":"9","model":"m","request":',
  '{"id":"10","model":"m"}{"id":"11","model":"m"}',
  '"text"',
  '[{"id":"12","model":"m"}]',
  'null',
  `{"id":"13","model":"m","error_message":"${'x '.repeat(20_000)}"}`,
  `{"id":"${'1'.repeat(200)}","model":"m","request":1}`,
  '{"model":"m","request":"no id"}',
  '{"id":"","model":"m","request":"empty id"}',
  '{"id":"14","model":"m","workspace_id":"open","request":"bob@example.com"}',
  '{"id":"15","model":"m","workspace_id":"dark","request":"bob@example.com"}',
  '{"id":"16","model":"m","workspace_id":"audit","request":"bob@example.com"}',
  '{"id":"17","model":"m","workspace_id":"__overflow__","request":1}',
  '{"id":"18","model":"m","request":null,"usage":{"prompt_tokens":3,"what":1}}',
  '{"id":"19","model":"m","usage":{"foo":1},"request":2}',
  '{"id":"1","model":"m","request":"again"}',
];
const WORKSPACES = new Map([
  ['open', 'full'],
  ['dark', 'off'],
  ['audit', 'metadata'],
] as const);

/** The same without a thread: in bodies of their own, one record each, unless it is long. */
function comparable({ call, content }: KeptCall): unknown {
  return { ...call, time: 0, late: false, content };
}

describe('a thread reads a body as the main thread does', () => {
  /** Sends the lines through a thread, because the first one is long, and without it. */
  async function bothWays(
    lines: readonly string[],
    caller: { workspace?: string; idempotencyKey?: string },
    options: ContentDoorOptions,
  ): Promise<void> {
    const withThread = await doorWith(options);
    const byThread = await withThread.send([LINES[0], ...lines].join('\n'), 'ndjson', caller);
    const without = await doorWith(options);
    const byMain = await without.send([LINES[0]!.replaceAll('word ', ''), ...lines].join('\n'), 'ndjson', caller);
    expect(byThread).toEqual(byMain);
    expect(withThread.failures).toEqual([]);
    expect(withThread.redacted).toEqual(without.redacted);
    expect(withThread.withheld).toEqual(without.withheld);
    const [, ...kept] = (await withThread.kept()).map(comparable);
    const [, ...expected] = (await without.kept()).map(comparable);
    expect(kept).toEqual(expected);
  }

  test('every kind of wrong line: same errors, same order, same frames', async () => {
    await bothWays(LINES.slice(1), { idempotencyKey: 'key' }, { logs: { workspaces: WORKSPACES } });
  });

  test('a token of one workspace', async () => {
    await bothWays(LINES.slice(1), { workspace: 'open', idempotencyKey: 'key' }, { logs: { workspaces: WORKSPACES } });
  });

  test('models and a sample rate', async () => {
    const lines = Array.from({ length: 200 }, (_, i) => `{"id":"s-${i}","model":"m${i % 3}","request":"${MAIL}"}`);
    await bothWays(lines, {}, { logs: { models: ['m', 'm1', 'm2*'], sampleRate: 0.5 } });
  });

  test('any records', async () => {
    const record = fc.record(
      {
        id: fc.oneof(fc.string({ unit: 'binary', maxLength: 5 }), fc.constant(null)),
        model: fc.constantFrom('m', '', 'n'),
        request: fc.jsonValue(),
        response: fc.jsonValue(),
        error_message: fc.oneof(fc.string(), fc.constant(3)),
        status_code: fc.constantFrom(200, 500, 42),
        usage: fc.jsonValue(),
        other: fc.jsonValue(),
      },
      { requiredKeys: ['model'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 8 }), async (records) => {
        await bothWays(
          records.map((one) => JSON.stringify(one)),
          { idempotencyKey: 'key' },
          {},
        );
      }),
      { numRuns: 15 },
    );
  });
});

test('a response of 20 MB', async () => {
  const door = await doorWith();
  const text = `${'word '.repeat(4_000_000)}${MAIL}`;
  const receipt = await door.send(JSON.stringify({ id: '1', model: 'm', response: { text } }), 'json');
  expect(receipt).toMatchObject({ accepted: 1 });
  const [kept] = await door.kept();
  expect(kept!.content!.length).toBeGreaterThan(20_000_000);
  expect(kept!.content!.endsWith('word [email]"}}')).toBe(true);
  expect(door.failures).toEqual([]);
});

test('no secret reaches the segment files', async () => {
  const door = await doorWith();
  const records = SECRETS.flatMap(({ text }) => placesOf(text)).map((places, i) => ({
    ...{ id: `c-${i}`, model: 'm' },
    ...places,
  }));
  const receipt = await door.send([LINES[0], ...records.map((record) => JSON.stringify(record))].join('\n'));
  expect(receipt).toMatchObject({ accepted: records.length + 1, rejected: [] });
  expect(door.failures).toEqual([]);
  const text = await door.segmentText();
  const leaked = SECRETS.filter((secret) => spellings(secret.text).some((spelling) => text.includes(spelling)));
  expect(leaked).toEqual([]);
  expect((await door.kept()).filter(({ content }) => content !== null).length).toBeGreaterThan(SECRETS.length);
});

test('JSON as one object, as an array, and bodies that are no JSON', async () => {
  const door = await doorWith();
  const record = (id: string): string => `{"id":"${id}","model":"m","response":"${LONG}"}`;
  expect(await door.send(record('1'), 'json')).toMatchObject({ accepted: 1 });
  expect(await door.send(`[${record('2')}, ${record('3')}]`, 'json')).toMatchObject({ accepted: 2 });
  await expect(door.send(`[${record('4')}, ${record('5')}`, 'json')).rejects.toMatchObject({
    problem: 'malformed-body',
  });
  await expect(door.send(Buffer.from(record('6').replace('m', '\xff'), 'latin1'), 'json')).rejects.toMatchObject({
    problem: 'malformed-body',
  });
  const many = Array.from({ length: 11 }, (_, i) => record(`m-${i}`));
  await expect(door.send(many.join('\n'), 'ndjson', {}, { batchRecords: 10 })).rejects.toMatchObject({
    problem: 'body-too-large',
  });
  expect(door.failures).toEqual([]);
  expect((await door.kept()).map(({ call }) => call.id)).toEqual(['1', '2', '3']);
});

test('many bodies at once share the threads, and each keeps its order', async () => {
  const door = await doorWith();
  const ids = Array.from({ length: 12 }, (_, body) => Array.from({ length: 80 }, (_, i) => `${body}-${i}`));
  const receipts = await Promise.all(
    ids.map((own) =>
      door.send(own.map((id) => `{"id":"${id}","model":"m","request":"${'x'.repeat(8000)}"}`).join('\n')),
    ),
  );
  expect(receipts.every(({ accepted }) => accepted === 80)).toBe(true);
  const kept = (await door.kept()).map(({ call }) => call.id);
  for (const [body, own] of ids.entries()) expect(kept.filter((id) => id.startsWith(`${body}-`))).toEqual(own);
  expect(door.failures).toEqual([]);
});

test('a large record without content does not hold up the main thread', async () => {
  const door = await doorWith();
  const receipt = await door.send(`{"id":"1","model":"m","other":"${LONG}"}`);
  expect(receipt).toMatchObject({ accepted: 1, ignored: ['other'] });
  expect(door.failures).toEqual([]);
});

describe('a thread that fails', () => {
  const lines = [LINES[0], ...Array.from({ length: 100 }, (_, i) => `{"id":"l-${i}","model":"m","request":"${MAIL}"}`)];

  function script(code: string): URL {
    const file = join(scratchFolder(), 'thread.mjs');
    writeFileSync(file, code);
    return pathToFileURL(file);
  }

  const ONE_RECORD = `parentPort.postMessage({ kind: 'records', records: [{ line: 1, problem: null,
      raw: { id: 'first', model: 'm' }, prepared: { mode: 'masked', bytes: Buffer.from('{"request":1}'), withheld: '', counts: {} } }] });`;
  const listening = (code: string): string =>
    `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { ${code} });`;

  test.each([
    ['dies at once', listening('process.exit(3)'), 0],
    ['throws', listening(`throw new Error('${MAIL}')`), 0],
    ['cannot be started', 'import "./nothing-there.mjs";', 0],
    ['stands still', listening('for (;;);'), 0],
    ['stands still after a record', listening(`${ONE_RECORD} for (;;);`), 1],
  ])('%s: the calls are counted, their content is withheld', async (_, code, taken) => {
    const door = await doorWith({ threads: { script: script(code), timeoutMs: 1000 } });
    const receipt = await door.send(lines.join('\n'));
    expect(receipt).toMatchObject({ accepted: lines.length, duplicates: 0, rejected: [] });
    expect(door.failures).toHaveLength(1);
    expect(door.failures[0]).not.toContain(MAIL);
    expect(door.withheld).toEqual(Array(lines.length - taken).fill('redaction failed'));
    const kept = await door.kept();
    expect(kept.map(({ content }) => content)).toEqual([
      ...Array(taken).fill('{"request":1}'),
      ...Array(lines.length - taken).fill(null),
    ]);
    expect(await door.segmentText()).not.toContain(MAIL);
  });

  test('is replaced for the next body', async () => {
    const code = `
      import { existsSync, writeFileSync } from 'node:fs';
      const mark = new URL('mark', import.meta.url);
      ${listening(`if (!existsSync(mark)) { writeFileSync(mark, ''); process.exit(1); } ${ONE_RECORD}
        parentPort.postMessage({ kind: 'end', problem: null });`)}`;
    const door = await doorWith({ threads: { script: script(code), threads: 1 } });
    await door.send(lines.join('\n'));
    expect(await door.send(`${LINES[0]}\n`)).toMatchObject({ accepted: 1 });
    expect(door.failures).toEqual(['a thread that reads bodies ended']);
  });

  test('content that was redacted by another mode is withheld', async () => {
    const code = listening(`${ONE_RECORD} parentPort.postMessage({ kind: 'end', problem: null });`);
    const door = await doorWith({ logs: { default: 'full' }, threads: { script: script(code) } });
    await door.send(lines.join('\n'));
    expect(await door.kept()).toMatchObject([{ content: null, call: { withheld: 'redaction failed' } }]);
  });
});
