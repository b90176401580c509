import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogEntry } from '../entry.js';
import { Delivery, type DeliveryOptions } from './delivery.js';
import { encodePush } from './encode-push.js';
import { logEntries, logEntry } from './testdata/log-entries.js';
import { Letterbox, Notebook } from './testdata/notebook.js';
import { StillClock } from './testdata/still-clock.js';
import { answer, ToyLoki } from './testdata/toy-loki.js';

const TOO_NEW = "entry for stream '{}' has timestamp too new: 2033-05-18T03:33:20Z";
const FUTURE = 2_000_000_000_000_000_000n;
const BAD = { timestampNs: FUTURE };

function setUp(loki: ToyLoki, given: Partial<DeliveryOptions> = {}) {
  const letterbox = new Letterbox();
  const notebook = new Notebook();
  const clock = new StillClock();
  const abort = new AbortController();
  const delivery = new Delivery({
    encode: (entries) => encodePush(entries, 'json'),
    post: loki.post,
    where: 'Loki',
    deadLetters: letterbox,
    observer: notebook,
    clock,
    random: () => 1,
    lanes: 3,
    requestBytes: 1_000_000,
    ...given,
  });
  const deliver = (batch: readonly LogEntry[]) => delivery.deliver('t', batch, abort.signal);
  return { letterbox, notebook, clock, abort, deliver };
}

const lines = (entries: readonly LogEntry[]) => entries.map(({ line }) => line);
/** Each line where it came first. */
const firsts = (entries: readonly LogEntry[]) => [...new Set(lines(entries))];
const refuseFuture = (entry: LogEntry) => (entry.timestampNs === FUTURE ? TOO_NEW : null);

test('a batch that is taken: in order, a request for each stream', async () => {
  const loki = new ToyLoki();
  const { deliver, notebook } = setUp(loki);
  const batch = logEntries(30, (index) => ({ labels: { model: `m${index % 3}` } }));
  const outcome = await deliver(batch);
  expect(outcome).toEqual({ ended: 'complete', stored: 30, dead: 0, remaining: [], waitMs: 0 });
  expect(loki.requests).toBe(3);
  expect(loki.mostStreams).toBe(1);
  for (const model of ['m0', 'm1', 'm2']) {
    const of = (entries: readonly LogEntry[]) => lines(entries.filter(({ labels }) => labels.model === model));
    expect(of(loki.stored)).toEqual(of(batch));
  }
  expect(notebook.answers).toEqual(['stored', 'stored', 'stored']);
  expect(notebook.entriesStored).toBe(30);
  expect(notebook.bytes.plain).toBeGreaterThan(notebook.bytes.compressed);
});

test('nothing to push is nothing to ask', async () => {
  const loki = new ToyLoki();
  expect(await setUp(loki).deliver([])).toMatchObject({ ended: 'complete', stored: 0 });
  expect(loki.requests).toBe(0);
});

test('entries of different hours never share a request: Loki may make streams of them', async () => {
  const hour = 3_600_000_000_000n;
  const loki = new ToyLoki();
  const hours: number[] = [];
  loki.mood = (entries) => {
    hours.push(new Set(entries.map(({ timestampNs }) => timestampNs / hour)).size);
    return null;
  };
  const batch = logEntries(10, (index) => ({ timestampNs: 1_699_999_200_000_000_000n + (hour * BigInt(index)) / 3n }));
  await setUp(loki).deliver(batch);
  expect(hours).toEqual([1, 1, 1, 1]);
  expect(lines(loki.stored)).toEqual(lines(batch));
});

describe('some entries are refused', () => {
  test('for any assignment of good and bad, and whatever is said of them: the bad are dead, each good one is stored, in order', async () => {
    const assignment = fc.array(fc.tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c')), {
      minLength: 1,
      maxLength: 60,
    });
    // Loki's words are true, or lead astray, or say nothing.
    const words = fc.constantFrom(
      TOO_NEW,
      'has timestamp too new: 2001-01-01T00:00:00Z',
      "max entry size '17' bytes exceeded",
      "error parsing labels '{' with error: x",
      'something that nobody has foreseen',
    );
    await fc.assert(
      fc.asyncProperty(assignment, words, async (entries, reason) => {
        const loki = new ToyLoki((entry) => (entry.timestampNs === FUTURE ? reason : null));
        const { deliver, letterbox } = setUp(loki);
        const batch = entries.map(([bad, model], index) =>
          logEntry({
            labels: { model },
            line: `line ${index}`,
            timestampNs: bad ? FUTURE : 1_700_000_000_000_000_000n + BigInt(index),
          }),
        );
        const bad = batch.filter(({ timestampNs }) => timestampNs === FUTURE);
        const outcome = await deliver(batch);
        expect(outcome).toMatchObject({ ended: 'complete', stored: batch.length - bad.length, dead: bad.length });
        expect(lines(letterbox.letters.map(({ entry }) => entry)).toSorted()).toEqual(lines(bad).toSorted());
        for (const model of ['a', 'b', 'c']) {
          const good = batch.filter((entry) => entry.labels.model === model && !bad.includes(entry));
          expect(firsts(loki.stored.filter(({ labels }) => labels.model === model))).toEqual(lines(good));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("Loki's reason to the letter, and the tenant", async () => {
    const { deliver, letterbox } = setUp(new ToyLoki(refuseFuture));
    const batch = logEntries(3, (index) => (index === 1 ? BAD : {}));
    await deliver(batch);
    expect(letterbox.letters).toEqual([{ entry: batch[1], tenant: 't', reason: `1 errors like: ${TOO_NEW}` }]);
  });

  test('what Loki says saves asking: two requests for the good, one for each bad one', async () => {
    const loki = new ToyLoki(refuseFuture);
    await setUp(loki).deliver(logEntries(1000, (index) => (index % 100 === 50 ? BAD : {})));
    // Their hour is another: the good stand in pieces between them.
    expect(loki.requests).toBeLessThan(40);
    const long = new ToyLoki(({ line }) => (line.length > 100 ? "max entry size '100' bytes exceeded" : null));
    await setUp(long).deliver(
      logEntries(1000, (index) => (index % 100 === 50 ? { line: 'x'.repeat(101 + index) } : {})),
    );
    expect(long.requests).toBe(1 + 1 + 10);
  });

  test('one among a thousand, of which nothing is said: about twenty requests', async () => {
    const loki = new ToyLoki(({ line }) => (line === '{"call_id":"617"}' ? 'not today' : null));
    const { deliver, letterbox } = setUp(loki);
    expect(await deliver(logEntries(1000))).toMatchObject({ ended: 'complete', stored: 999, dead: 1 });
    expect(letterbox.letters[0]!.entry.line).toBe('{"call_id":"617"}');
    expect(loki.requests).toBeLessThan(25);
  });

  test('the disk is full when a dead letter is written: tried until it works', async () => {
    const { deliver, letterbox, notebook } = setUp(new ToyLoki(refuseFuture));
    letterbox.fails = 3;
    expect(await deliver([logEntry(BAD)])).toMatchObject({ ended: 'complete', dead: 1 });
    expect(notebook.troubles[0]).toContain('ENOSPC');
    expect(letterbox.letters).toHaveLength(1);
  });

  test('what cannot be written at all is a dead letter, and costs nobody else', async () => {
    const loki = new ToyLoki();
    const { deliver, letterbox } = setUp(loki, { encode: (entries) => encodePush(entries, 'protobuf') });
    const batch = logEntries(9, (index) => (index === 4 ? { timestampNs: -5n } : {}));
    expect(await deliver(batch)).toMatchObject({ stored: 8, dead: 1 });
    expect(letterbox.letters[0]!.entry).toBe(batch[4]);
  });
});

describe('everything is refused, for no reason that is known', () => {
  test('is kept, and goes through when what was broken is mended', async () => {
    const loki = new ToyLoki();
    const { deliver, letterbox, notebook, clock } = setUp(loki);
    loki.mood = () => (clock.slept.length < 12 ? answer(400, '<html>Bad Request</html>') : null);
    expect(await deliver(logEntries(5))).toMatchObject({ ended: 'complete', stored: 5, dead: 0 });
    expect(letterbox.letters).toEqual([]);
    expect(notebook.troubles[0]).toContain('in words that name no entry');
    expect(notebook.troubles.join()).not.toContain('html');
  });

  test('a proxy that breaks while a batch is under way costs none of it', async () => {
    const loki = new ToyLoki();
    const { deliver, letterbox, clock } = setUp(loki, { requestBytes: 500, lanes: 1 });
    loki.mood = (_, request) => (request > 3 && clock.slept.length < 5 ? answer(400, 'nginx') : null);
    expect(await deliver(logEntries(50))).toMatchObject({ ended: 'complete', stored: 50, dead: 0 });
    expect(letterbox.letters).toEqual([]);
  });

  test('but not for ever: after ten minutes they are dead letters, and those behind them get their turn', async () => {
    const loki = new ToyLoki();
    const { deliver, letterbox, clock } = setUp(loki);
    loki.mood = () => answer(400, 'proto: illegal wireType 7');
    const started = clock.now();
    expect(await deliver(logEntries(3))).toMatchObject({ ended: 'complete', dead: 3 });
    expect(clock.now() - started).toBeGreaterThan(600_000);
    expect(letterbox.letters.map(({ reason }) => reason)).toEqual(Array(3).fill('proto: illegal wireType 7'));
  });
});

test('too large: split, and remembered; an entry that is too large alone is a dead letter', async () => {
  const limit = 100_000;
  const loki = new ToyLoki();
  loki.mood = (entries) => {
    const bytes = entries.reduce((sum, { line }) => sum + line.length, 0);
    return bytes > limit ? answer(413, 'request body too large') : null;
  };
  const { deliver, letterbox, notebook } = setUp(loki);
  const batch = logEntries(100, (index) => ({ line: `${index}`.padEnd(index === 42 ? limit + 1 : 5000) }));
  expect(await deliver(batch)).toMatchObject({ stored: 99, dead: 1 });
  expect(letterbox.letters).toMatchObject([{ entry: batch[42], reason: 'request body too large' }]);
  expect(firsts(loki.stored)).toEqual(lines(batch.filter((_, index) => index !== 42)));
  const refused = notebook.answers.filter((one) => one === 'too_large').length;
  await deliver(batch.filter((_, index) => index !== 42));
  expect(notebook.answers.filter((one) => one === 'too_large').length).toBe(refused);
});

test('a huge batch goes in requests of at most so many bytes', async () => {
  const loki = new ToyLoki();
  const { deliver } = setUp(loki, { requestBytes: 200_000 });
  const batch = logEntries(5000, (index) => ({ line: `${index}`.padEnd(1000 + (index % 977)) }));
  expect(await deliver(batch)).toMatchObject({ stored: 5000 });
  expect(loki.largestRequest).toBeLessThan(300_000);
  expect(lines(loki.stored)).toEqual(lines(batch));
});

describe('Loki asks for patience', () => {
  test.each([
    [429, 'rate limit exceeded', 'rate_limited'],
    [260, '', 'blocked'],
    [500, 'empty ring', 'server_error'],
    [502, '', 'unavailable'],
    [503, '', 'unavailable'],
    [504, '', 'unavailable'],
  ] as const)('%i %s: the same again, later and later', async (status, body, cause) => {
    const loki = new ToyLoki();
    loki.mood = (_, request) => (request <= 3 ? answer(status, body) : null);
    const { deliver, notebook, clock } = setUp(loki);
    expect(await deliver(logEntries(2))).toMatchObject({ ended: 'complete', stored: 2, dead: 0 });
    expect(notebook.answers).toEqual([cause, cause, cause, 'stored']);
    expect(notebook.retries).toBe(3);
    expect(clock.slept).toEqual([500, 1000, 2000]);
    expect(notebook.troubles).toHaveLength(3);
  });

  test('Retry-After is honoured, and spread over a second', async () => {
    const loki = new ToyLoki();
    loki.mood = (_, request) => (request === 1 ? answer(429, '', '7') : null);
    const { deliver, clock } = setUp(loki);
    await deliver(logEntries(1));
    expect(clock.slept).toEqual([8000]);
  });

  test('more at once than the rate allows at all is cut to what fits', async () => {
    const loki = new ToyLoki();
    loki.mood = (entries) =>
      entries.length > 10 ? answer(429, `ingestion rate limit exceeded for user t (limit: 700 bytes/sec)`) : null;
    const { deliver } = setUp(loki);
    expect(await deliver(logEntries(100))).toMatchObject({ stored: 100 });
    expect(loki.requests).toBeLessThan(25);
  });

  test('a burst that is smaller than the rate lets it through all the same', async () => {
    const loki = new ToyLoki();
    loki.mood = (entries) => (entries.length > 2 ? answer(429, 'rate limit exceeded (limit: 700 bytes/sec)') : null);
    expect(await setUp(loki).deliver(logEntries(20))).toMatchObject({ stored: 20 });
  });

  test('where no limit is named, less is tried after the fourth time', async () => {
    const loki = new ToyLoki();
    loki.mood = (entries) => (entries.length > 30 ? answer(429, 'too much') : null);
    const { deliver } = setUp(loki);
    const batch = logEntries(100, (index) => ({ line: `${index}`.padEnd(5000) }));
    expect(await deliver(batch)).toMatchObject({ stored: 100 });
    expect(lines(loki.stored)).toEqual(lines(batch));
  });

  test('a night without Loki: no attempt is given up, none comes sooner than its back-off', async () => {
    const loki = new ToyLoki();
    const { deliver, clock, notebook } = setUp(loki, { random: Math.random });
    const morning = clock.now() + 10 * 3_600_000;
    loki.mood = () => (clock.now() < morning ? Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) : null);
    expect(await deliver(logEntries(20))).toMatchObject({ ended: 'complete', stored: 20 });
    expect(Math.max(...clock.slept)).toBeLessThanOrEqual(60_000);
    expect(loki.requests).toBeLessThan(10 * 180);
    expect(notebook.troubles[0]).toContain('Nothing listens at Loki');
  });
});

test.each([
  [401, 'no org id'],
  [403, ''],
  [404, ''],
  [302, ''],
  [200, ''],
  [400, "stream '{}' includes structured metadata, but this feature is disallowed"],
])('%i %s: kept, asked seldom, said with what to do', async (status, body) => {
  const loki = new ToyLoki();
  loki.mood = (_, request) => (request <= 2 ? answer(status, body) : null);
  const { deliver, clock, notebook } = setUp(loki);
  expect(await deliver(logEntries(2))).toMatchObject({ ended: 'complete', stored: 2, dead: 0 });
  expect(clock.slept).toEqual([10_000, 20_000]);
  expect(notebook.troubles[0]).toContain(`${status}`);
});

test('too many streams: the others go on, and what belongs to new streams comes back in order', async () => {
  const loki = new ToyLoki();
  loki.mood = ([entry]) =>
    entry!.labels.model === 'new'
      ? answer(429, 'maximum active stream limit exceeded when trying to create stream {model="new"}', '3')
      : null;
  const { deliver, clock } = setUp(loki);
  const batch = logEntries(10, (index) => ({ labels: { model: index % 2 === 0 ? 'new' : 'known' } }));
  const outcome = await deliver(batch);
  const fresh = batch.filter(({ labels }) => labels.model === 'new');
  expect(outcome).toEqual({ ended: 'too-many-streams', stored: 5, dead: 0, remaining: fresh, waitMs: 3000 });
  expect(clock.slept).toEqual([]);
});

test('every answer of the table within one batch: only the culprits are dead', async () => {
  const loki = new ToyLoki(refuseFuture);
  const moods = [
    answer(503),
    answer(429, 'rate limit exceeded', '1'),
    answer(260, 'ingestion blocked for user'),
    answer(500, 'rpc error: received message larger than max (9 vs. 4)'),
    answer(413),
    answer(401, 'no org id'),
    answer(404),
    answer(400, '<html>'),
    new Error('socket hang up'),
  ];
  loki.mood = (entries) => (entries.length > 1 ? (moods.shift() ?? null) : null);
  const { deliver, letterbox } = setUp(loki);
  const batch = logEntries(200, (index) => ({
    labels: { model: `m${index % 4}` },
    ...(index % 37 === 0 && BAD),
  }));
  const bad = batch.filter(({ timestampNs }) => timestampNs === FUTURE);
  expect(await deliver(batch)).toMatchObject({ ended: 'complete', dead: bad.length, stored: 200 - bad.length });
  expect(moods).toEqual([]);
  expect(letterbox.letters.map(({ entry }) => entry)).toHaveLength(bad.length);
  expect(new Set(letterbox.letters.map(({ entry }) => entry))).toEqual(new Set(bad));
});

describe('aborted', () => {
  test('while it waits: what is left comes back at once, in order', async () => {
    const loki = new ToyLoki();
    loki.mood = ([entry]) => (entry!.labels.model === 'a' ? answer(503) : null);
    const { deliver, abort, clock } = setUp(loki);
    clock.onSleep = () => abort.abort();
    const batch = logEntries(10, (index) => ({ labels: { model: index % 2 === 0 ? 'a' : 'b' } }));
    const outcome = await deliver(batch);
    expect(outcome).toMatchObject({ ended: 'aborted', stored: 5 });
    expect(outcome.remaining).toEqual(batch.filter(({ labels }) => labels.model === 'a'));
  });

  test('before it begins: nothing is sent', async () => {
    const loki = new ToyLoki();
    const { deliver, abort } = setUp(loki);
    abort.abort();
    const batch = logEntries(3);
    expect(await deliver(batch)).toMatchObject({ ended: 'aborted', remaining: batch });
    expect(loki.requests).toBe(0);
  });
});
