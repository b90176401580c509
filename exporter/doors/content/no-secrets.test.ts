import { afterEach, expect, test } from 'vitest';
import type { LogMode } from '../../config/settings.js';
import { SECRETS } from '../../redaction/testdata/secrets.js';
import { cleanUp } from '../../spool/testdata/toy-spool.js';
import { ContentDoor } from './testdata/content-door.js';

afterEach(cleanUp);

const pieces = (text: string): string[] => text.match(/[\s\S]{1,4}/g) ?? [];

/** Everywhere where a call record may hold a secret, but for the fields that name things. */
function placesOf(secret: string): Record<string, unknown>[] {
  const told = `it is ${secret} , do not tell`;
  const nested = JSON.stringify({ args: JSON.stringify({ note: told }) });
  const chunk = (delta: object): object => ({ object: 'chat.completion.chunk', choices: [{ index: 0, delta }] });
  return [
    { request: { messages: [{ role: 'user', content: told }] } },
    { request: { messages: [{ role: 'user', content: [{ type: 'text', text: told }] }] } },
    { request: { body: nested } },
    { response: JSON.stringify({ output: nested }) },
    {
      response: {
        choices: [
          { message: { tool_calls: [{ function: { name: 'f', arguments: JSON.stringify({ note: told }) } }] } },
        ],
      },
    },
    { response: pieces(told).map((content) => chunk({ content })) },
    {
      response: pieces(JSON.stringify({ note: told })).map((text) =>
        chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] }),
      ),
    },
    {
      response: pieces(told)
        .map((content) => `data: ${JSON.stringify(chunk({ content }))}\n\n`)
        .join(''),
    },
    { response: { [told]: 1 } },
    { status_code: 500, error_message: told },
    { status_code: 500, error_message: nested },
    ...(told.length <= 256 ? [{ user: told }, { application: told }, { trace_id: told }] : []),
    ...(told.length <= 128 ? [{ tags: ['a', told] }] : []),
    { request: null, unknown_field: told },
  ];
}

/** The secret as it may stand in JSON within JSON within JSON. */
function spellings(secret: string): string[] {
  const inner = (text: string): string => JSON.stringify(text).slice(1, -1);
  return [...new Set([secret, inner(secret), inner(inner(secret)), inner(inner(inner(secret)))])];
}

/** The segment files behind a call for each secret in each place, and how many frames hold content. */
async function segmentsOf(mode: LogMode): Promise<{ leaked: string[]; contents: number }> {
  const door = await ContentDoor.open({ logs: { default: mode } });
  const records = SECRETS.flatMap(({ text }) => placesOf(text)).map((places, i) => ({
    ...{ id: `c-${i}`, model: 'm' },
    ...places,
  }));
  const receipt = await door.send(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  expect(receipt).toMatchObject({ accepted: records.length, rejected: [] });
  const text = await door.segmentText();
  const kept = await door.kept();
  expect(kept).toHaveLength(records.length);
  const leaked = SECRETS.filter((secret) => spellings(secret.text).some((spelling) => text.includes(spelling)));
  return { leaked: leaked.map(({ what }) => what), contents: kept.filter(({ content }) => content !== null).length };
}

test('masked: no secret reaches the segment files', async () => {
  const { leaked, contents } = await segmentsOf('masked');
  expect(leaked).toEqual([]);
  expect(contents).toBeGreaterThan(SECRETS.length);
});

test.each(['metadata', 'off'] as const)('%s: no secret and no content reaches the segment files', async (mode) => {
  expect(await segmentsOf(mode)).toEqual({ leaked: [], contents: 0 });
});

test('full: each secret is there, so the search does find what is there', async () => {
  expect((await segmentsOf('full')).leaked).toEqual(SECRETS.map(({ what }) => what));
});
