import { expect, test } from 'vitest';
import { ANSWER_CLASSES, classify } from './answers.js';

const NOW = Date.parse('2026-01-31T08:00:00Z');
const STREAM = '{log="audit", model="qwen-plus"}';

function verdict(status: number, body = '', retryAfter?: string) {
  return classify({ status, body, retryAfter }, 'Loki at http://x', NOW);
}

// One row for each answer of Loki, with its words.
test.each([
  [204, '', 'stored', 'stored'],
  [260, "ingestion blocked for user 'a' until '2026-02-01T00:00:00Z' with status code '260'", 'again', 'blocked'],
  [260, '', 'again', 'blocked'],
  [456, "ingestion blocked for user 'a' until '2026-02-01T00:00:00Z' with status code '456'", 'again', 'blocked'],
  [400, "ingestion blocked for user 'a' until '2026-02-01T00:00:00Z' with status code '400'", 'again', 'blocked'],
  [400, 'no matter', 'refused', 'refused'],
  [400, '', 'refused', 'refused'],
  [422, 'error at least one valid stream is required for ingestion', 'refused', 'refused'],
  [401, 'no org id', 'misconfigured', 'unauthorized'],
  [403, '', 'misconfigured', 'unauthorized'],
  [400, 'tenant ID is too long: max 150 characters', 'misconfigured', 'misconfigured'],
  [
    400,
    `stream '${STREAM}' includes structured metadata, but this feature is disallowed.`,
    'misconfigured',
    'misconfigured',
  ],
  [400, `missing required labels 'team' for user 'a' for stream '${STREAM}'`, 'misconfigured', 'misconfigured'],
  [413, 'request body too large: 9 bytes, limit: 5 bytes', 'too-large', 'too_large'],
  [400, 'request body too large: decompressed message size too large than max (9 vs 5)', 'too-large', 'too_large'],
  [
    500,
    'rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5 vs. 4)',
    'too-large',
    'too_large',
  ],
  [
    500,
    'rpc error: code = ResourceExhausted desc = trying to send message larger than max (5 vs. 4)',
    'too-large',
    'too_large',
  ],
  [
    429,
    'ingestion rate limit exceeded for user a (limit: 4194304 bytes/sec) while attempting',
    'again',
    'rate_limited',
  ],
  [
    429,
    `Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '${STREAM}'`,
    'again',
    'rate_limited',
  ],
  [429, '', 'again', 'rate_limited'],
  [
    429,
    `maximum active stream limit exceeded when trying to create stream ${STREAM}`,
    'too-many-streams',
    'too_many_streams',
  ],
  [
    429,
    'Maximum active stream limit exceeded, reduce the number of active streams',
    'too-many-streams',
    'too_many_streams',
  ],
  [
    429,
    `maximum active stream limit exceeded when trying to create stream {__time_shard__="1_2"}`,
    'too-many-streams',
    'too_many_streams',
  ],
  [
    429,
    `maximum active stream limit exceeded when trying to create stream {__stream_shard__="3"}`,
    'again',
    'too_many_streams',
  ],
  [500, 'at least 1 live replicas required, could only find 0', 'again', 'server_error'],
  [500, '', 'again', 'server_error'],
  [502, '<html>', 'again', 'unavailable'],
  [503, 'circuit breaker open', 'again', 'unavailable'],
  [504, '', 'again', 'unavailable'],
  [408, '', 'again', 'unavailable'],
  [404, '404 page not found', 'misconfigured', 'misconfigured'],
  [405, '', 'misconfigured', 'misconfigured'],
  [301, '', 'misconfigured', 'misconfigured'],
  [200, 'hello', 'misconfigured', 'misconfigured'],
] as const)('%i %s: %s', (status, body, kind, answer) => {
  expect(ANSWER_CLASSES).toContain(answer);
  expect(verdict(status, body)).toMatchObject({ kind, answer });
});

test.each([
  `entry for stream '${STREAM}' has timestamp too old: 2026-01-01T00:00:00Z, oldest acceptable timestamp is: 2026-01-24T08:00:00Z`,
  `entry for stream '${STREAM}' has timestamp too new: 2027-01-01T00:00:00Z`,
  "entry with timestamp 2026-01-31 05:00:00 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 2026-01-31T05:00:00Z, oldest acceptable timestamp is: 2026-01-31T07:00:00Z',",
  `max entry size '262144' bytes exceeded for stream '${STREAM}' while adding an entry with length '262145' bytes`,
  `stream '${STREAM}' has structured metadata too large: '70000' bytes, limit: '65536' bytes. Please see`,
  `stream '${STREAM}' has too many structured metadata labels: '129', limit: '128'. Please see`,
  "error parsing labels '{' with error: 1:2: parse error",
  "couldn't parse labels: 1:6: parse error: unexpected identifier",
  `entry for stream '${STREAM}' has 16 label names; limit 15`,
  `stream '${STREAM}' has label value too long: 'x'`,
])('what Loki says of an entry is known, and kept to the letter: %s', (body) => {
  expect(verdict(400, body)).toEqual({ kind: 'refused', answer: 'refused', reason: body, known: true });
});

test.each(['<html>400 Bad Request</html>', 'snappy: corrupt input', 'loghttp.PushRequest.Streams: expect', ''])(
  'a 400 that speaks of no entry: %s',
  (body) => expect(verdict(400, body)).toMatchObject({ kind: 'refused', known: false }),
);

test.each([
  [401, 'no org id', 'name one that it takes'],
  [401, '', 'user and password'],
  [403, '', 'may not write'],
  [404, '', '/loki/api/v1/push'],
  [302, '', 'Redirects are not followed'],
  [200, '', 'Loki says 204'],
  [400, "stream 'x' includes structured metadata, but this feature is disallowed", 'allow_structured_metadata: true'],
])('%i %s says what to do', (status, body, words) => {
  const { trouble } = verdict(status, body) as { trouble: string };
  expect(trouble).toMatch(/^Loki at http:\/\/x /);
  expect(trouble).toContain(words);
});

test("trouble quotes Loki's first line, and no error page, no control characters, no 400 that quotes what was sent", () => {
  const trouble = (status: number, body: string) => (verdict(status, body) as { trouble: string }).trouble;
  expect(trouble(503, 'empty\u001b ring\nsecond line')).toBe(
    'Loki at http://x answered 503: empty  ring. Trying again.',
  );
  expect(trouble(502, '<html>no</html>')).toBe('Loki at http://x answered 502. Trying again.');
  expect(trouble(500, 'x'.repeat(5000)).length).toBeLessThan(400);
  expect(trouble(400, 'missing required labels; ...|"my secret"|...')).not.toContain('secret');
  for (const status of [401, 403, 500, 503]) {
    expect(trouble(status, 'token Bearer my-secret is not known')).not.toContain('secret');
  }
});

test.each([
  ['2', 2000],
  [' 0 ', 0],
  ['Sat, 31 Jan 2026 08:00:05 GMT', 5000],
  ['Saturday, 31-Jan-26 08:00:05 GMT', 5000],
  ['Sat, 31 Jan 2026 07:00:00 GMT', 0],
  ['99999999999', 900_000],
  ['Sat, 31 Jan 2099 08:00:05 GMT', 900_000],
  ['soon', 0],
  ['-1', 0],
])('Retry-After %j', (header, waitMs) => {
  for (const status of [429, 503, 260, 500]) expect(verdict(status, '', header)).toMatchObject({ waitMs });
  expect(verdict(429, 'maximum active stream limit exceeded', header)).toMatchObject({ waitMs });
});

test.each([
  ['(limit: 4194304 bytes/sec) while', 4_194_304],
  ['(limit: 3MB/sec) while', 3 * 1024 * 1024],
  ['(limit: 512KB/sec) while', 512 * 1024],
  ['(limit: 100B/sec) while', 100],
  ['(limit: 1.5GB/sec) while', 1.5 * 1024 ** 3],
  ['slow down', null],
])('what fits at a rate: %s', (words, fitsBytes) => {
  expect(verdict(429, `rate limit exceeded ${words}`)).toMatchObject({ fitsBytes });
});
