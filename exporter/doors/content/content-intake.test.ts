import { afterEach, expect, test } from 'vitest';
import { cleanUp } from '../../spool/testdata/toy-spool.js';
import { ContentDoor, type ContentDoorOptions } from './testdata/content-door.js';

let door: ContentDoor | null = null;

afterEach(async () => {
  await door?.close();
  door = null;
  await cleanUp();
});

async function open(options: ContentDoorOptions = {}): Promise<ContentDoor> {
  door = await ContentDoor.open(options);
  return door;
}

const MAIL = 'alice@example.com';
const RECORD = {
  id: 'c-1',
  model: 'm',
  request: { messages: [{ role: 'user', content: `I am ${MAIL}` }] },
  response: { choices: [{ message: { content: 'Hello' } }] },
  error_message: `no such user: ${MAIL}`,
  user: MAIL,
  application: `mail to ${MAIL}`,
  trace_id: 'abc',
  tags: ['one', MAIL],
};
const body = (...records: object[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');

const MASKED_TEXTS = {
  errorMessage: 'no such user: [email]',
  user: '[email]',
  application: 'mail to [email]',
  traceId: 'abc',
  tags: ['one', '[email]'],
};

test('masked: content and texts are redacted, counted together, and the call goes to both logs', async () => {
  const door = await open();
  await door.send(body(RECORD));
  expect(door.redacted).toEqual([{ email: 5 }]);
  const [kept] = await door.kept();
  expect(kept!.call).toMatchObject({ ...MASKED_TEXTS, logs: 'inference', withheld: '', redacted: { email: 5 } });
  expect(JSON.parse(kept!.content!)).toEqual({
    request: { messages: [{ role: 'user', content: 'I am [email]' }] },
    response: { choices: [{ message: { content: 'Hello' } }] },
  });
});

test('full: content and texts stay as they are', async () => {
  const door = await open({ logs: { default: 'full' } });
  await door.send(body(RECORD));
  expect(door.redacted).toEqual([]);
  const [kept] = await door.kept();
  expect(kept!.call).toMatchObject({
    errorMessage: RECORD.error_message,
    user: MAIL,
    logs: 'inference',
    redacted: null,
  });
  expect(JSON.parse(kept!.content!)).toEqual({ request: RECORD.request, response: RECORD.response });
});

test.each([
  ['metadata', { logs: { default: 'metadata' } }, 'audit'],
  ['off', { logs: { default: 'off' } }, 'none'],
  ['no Loki', { logs: { default: 'full' }, hasLoki: false }, 'none'],
] as const)('%s: content is dropped, texts are masked', async (_, options, logs) => {
  const door = await open(options);
  await door.send(body(RECORD));
  const [kept] = await door.kept();
  expect(kept).toMatchObject({ content: null, call: { ...MASKED_TEXTS, logs, withheld: '', redacted: { email: 4 } } });
  expect(door.withheld).toEqual([]);
});

test('each workspace by its own mode; a token writes to its own whatever the record leaves out', async () => {
  const workspaces = new Map([['open', 'full'] as const, ['dark', 'off'] as const]);
  const door = await open({ logs: { workspaces } });
  const { request } = RECORD;
  await door.send(body({ id: '1', model: 'm', workspace_id: 'open', request }, { id: '2', model: 'm', request }));
  await door.send(body({ id: '3', model: 'm', request }), 'ndjson', { workspace: 'dark' });
  const kept = await door.kept();
  expect(kept.map(({ call }) => call.logs)).toEqual(['inference', 'inference', 'none']);
  expect(kept.map(({ content }) => content?.includes(MAIL) ?? null)).toEqual([true, false, null]);
});

test('models and the sample rate decide over content, not over the audit log', async () => {
  const door = await open({ logs: { models: ['a*'], sampleRate: 0.5 } });
  const { request } = RECORD;
  const models = ['a1', 'b1'];
  await door.send(
    body(...models.flatMap((model) => Array.from({ length: 50 }, (_, i) => ({ id: `${model}-${i}`, model, request })))),
  );
  const kept = await door.kept();
  const withContent = kept.filter(({ content }) => content !== null);
  expect(withContent.every(({ call }) => call.model === 'a1' && call.logs === 'inference')).toBe(true);
  expect(withContent.length).toBeGreaterThan(10);
  expect(withContent.length).toBeLessThan(40);
  expect(kept.filter(({ content }) => content === null).every(({ call }) => call.logs === 'audit')).toBe(true);
});

test('one side only, or none: what is absent is left out', async () => {
  const door = await open();
  await door.send(
    body(
      { id: '1', model: 'm', request: 'ask' },
      { id: '2', model: 'm', request: null, response: 0 },
      { id: '3', model: 'm' },
    ),
  );
  const kept = await door.kept();
  expect(kept.map(({ content }) => content)).toEqual(['{"request":"ask"}', '{"response":0}', null]);
  expect(kept.every(({ call }) => call.withheld === '' && call.logs === 'inference')).toBe(true);
});

test('content that cannot be redacted is withheld and counted; the call is kept', async () => {
  const door = await open();
  const deep = `${'['.repeat(250)}1${']'.repeat(250)}`;
  const receipt = await door.send(`{"id":"1","model":"m","request":${deep}}`, 'json', {}, { nestingDepth: 1000 });
  expect(receipt).toMatchObject({ accepted: 1, rejected: [] });
  expect(door.withheld).toEqual(['nested too deep to be redacted']);
  const [kept] = await door.kept();
  expect(kept).toMatchObject({
    content: null,
    call: { withheld: 'nested too deep to be redacted', logs: 'inference' },
  });
});

test('detectors that are off, hashed or dropped; own patterns', async () => {
  const detectors = new Map([['email', 'off'] as const, ['phone', 'hash'] as const]);
  const patterns = [{ name: 'badge', pattern: 'B-[0-9]{4}', action: 'mask' as const }];
  const door = await open({ redaction: { detectors, patterns } });
  await door.send(body({ id: '1', model: 'm', request: `${MAIL}, +86 138 0013 8000, B-1234`, user: 'B-9999' }));
  const [kept] = await door.kept();
  expect(kept!.content).toMatch(/^\{"request":"alice@example\.com, \[phone:[0-9a-f]{12}\], \[badge\]"\}$/);
  expect(kept!.call).toMatchObject({ user: '[badge]', redacted: { phone: 1, badge: 2 } });
});

test('a secret that the longest kept error message would cut in two is not kept in part', async () => {
  const door = await open();
  const key = `sk-${'0123456789abcdef'.repeat(3)}`;
  await door.send(
    body({ id: '1', model: 'm', status_code: 500, error_message: `${'x '.repeat(8186)}${key} ${'y'.repeat(100)}` }),
  );
  const [kept] = await door.kept();
  expect(kept!.call.errorMessage).toHaveLength(16_384);
  expect(kept!.call.errorMessage).not.toContain('sk-');
});

test('what is redacted is not what a repeated record is told by', async () => {
  const door = await open();
  expect(await door.send(body(RECORD))).toMatchObject({ accepted: 1, duplicates: 0 });
  expect(await door.send(body(RECORD))).toMatchObject({ accepted: 0, duplicates: 1 });
  expect(door.redacted).toHaveLength(1);
});

test.each(['masked', 'full', 'off'] as const)('a secret in an error code is no label of a metric: %s', async (mode) => {
  const door = await open({ logs: { default: mode } });
  await door.send(body({ id: '1', model: 'm', status_code: 401, error_code: `bad ${MAIL}` }));
  const [kept] = await door.kept();
  expect(kept!.call.errorCode).toBe('bad [email]');
});
