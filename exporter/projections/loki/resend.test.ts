import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DeadLetters } from './dead-letters.js';
import type { LogEntry } from './entry.js';
import { Delivery } from './push/delivery.js';
import { encodePush } from './push/encode-push.js';
import { logEntries } from './push/testdata/log-entries.js';
import { Notebook } from './push/testdata/notebook.js';
import { StillClock } from './push/testdata/still-clock.js';
import { answer, ToyLoki } from './push/testdata/toy-loki.js';
import { type ResendOptions, resend } from './resend.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function lettersOf(entries: readonly LogEntry[], tenant: (index: number) => string = () => 't') {
  const folder = mkdtempSync(join(tmpdir(), 'resend-'));
  folders.push(folder);
  const letters = await DeadLetters.open({ folder, maxBytes: 1e9, owner: true });
  await Promise.all(entries.map((entry, index) => letters.add(entry, tenant(index), 'too far behind')));
  return letters;
}

function pushTo(loki: ToyLoki): ResendOptions['push'] {
  return (tenant, entries, sink, signal) =>
    new Delivery({
      encode: (some) => encodePush(some, 'json'),
      post: loki.post,
      where: 'Loki',
      deadLetters: sink,
      observer: new Notebook(),
      clock: new StillClock(),
      random: () => 1,
      lanes: 2,
      requestBytes: 1_000_000,
    }).deliver(tenant, entries, signal);
}

const { signal } = new AbortController();
const lines = (entries: readonly LogEntry[]) => entries.map(({ line }) => line);

test('what arrives is taken out, in the order it was refused, each tenant on its own', async () => {
  const entries = logEntries(1200);
  const letters = await lettersOf(entries, (index) => (index < 600 ? 'a' : 'b'));
  const loki = new ToyLoki();
  expect(await resend({ letters, push: pushTo(loki), signal })).toEqual({ arrived: 1200, refused: [], left: 0 });
  expect(lines(loki.stored)).toEqual(lines(entries));
  expect([...new Set(loki.tenants)]).toEqual(['a', 'b']);
  expect(letters.count).toBe(0);
});

test('what is refused again stays as one letter, with the new reason told', async () => {
  const entries = logEntries(10);
  const letters = await lettersOf(entries);
  const loki = new ToyLoki(({ line }) => (line === entries[3]!.line ? 'max entry size' : null));
  const resent = await resend({ letters, push: pushTo(loki), signal });
  expect(resent).toMatchObject({ arrived: 9, refused: [{ letter: { entry: entries[3] }, reason: /max entry size/ }] });
  expect(letters.count).toBe(1);
});

test('sent again after nobody knows whether it arrived: the same to the byte', async () => {
  const letters = await lettersOf(logEntries(3));
  const loki = new ToyLoki();
  const abort = new AbortController();
  // Loki has it, and the connection breaks before it says so.
  const push = pushTo(loki);
  const breaking: ResendOptions['push'] = async (tenant, sent, sink, _signal) => {
    await push(tenant, sent, sink, signal);
    abort.abort();
    return { ended: 'aborted', stored: 0, dead: 0, remaining: sent, waitMs: 0 };
  };
  expect(await resend({ letters, push: breaking, signal: abort.signal })).toEqual({ arrived: 0, refused: [], left: 3 });
  expect(await resend({ letters, push, signal })).toMatchObject({ arrived: 3 });
  expect(loki.stored.slice(3)).toEqual(loki.stored.slice(0, 3));
});

test('only those that were chosen; and those for which there is no stream stay', async () => {
  const entries = logEntries(6, (index) => ({ labels: { model: index % 2 === 0 ? 'a' : 'b' } }));
  const letters = await lettersOf(entries);
  const loki = new ToyLoki();
  loki.mood = ([entry]) => (entry!.labels.model === 'a' ? answer(429, 'maximum active stream limit exceeded') : null);
  const choose: ResendOptions['choose'] = ({ entry }) => entry.line !== entries[1]!.line;
  expect(await resend({ letters, push: pushTo(loki), choose, signal })).toEqual({ arrived: 2, refused: [], left: 3 });
  expect(letters.count).toBe(4);
});
