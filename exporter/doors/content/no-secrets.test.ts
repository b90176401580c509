import { afterEach, expect, test } from 'vitest';
import type { LogMode } from '../../config/settings.js';
import { SECRETS } from '../../redaction/testdata/secrets.js';
import { cleanUp } from '../../spool/testdata/toy-spool.js';
import { ContentDoor } from './testdata/content-door.js';
import { placesOf, spellings } from './testdata/secret-places.js';

afterEach(cleanUp);

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
