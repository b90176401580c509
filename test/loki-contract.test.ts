// What Loki takes, refuses, says and finds: the same cases against the double, which other tests rely on, and against a
// real Loki where there is one (`loki` on PATH, LOKI_BINARY, or LOKI_URL for one that runs already).
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigKeys } from './harness/exporter-process.js';
import { lokiBinary } from './harness/loki/loki-binary.js';
import { type Answer, type Encoding, LokiClient, type QueriedEntry } from './harness/loki/loki-client.js';
import { LokiDouble } from './harness/loki/loki-double.js';
import { type LokiOptions, LokiProcess } from './harness/loki/loki-process.js';
import { snappyLiterals, type TestEntry, type TestStream } from './harness/loki/push-encoding.js';

interface Running {
  url: string;
  stop(): Promise<unknown>;
}

interface Target {
  name: string;
  there: boolean;
  start(options: LokiOptions): Promise<Running>;
}

const TARGETS: Target[] = [
  { name: 'the double of Loki', there: true, start: (options) => LokiDouble.start(options) },
  { name: 'real Loki', there: lokiBinary() !== undefined, start: (options) => LokiProcess.start(options) },
];

const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

/** By tenant, what differs from the shipped limits. */
const TENANTS: Record<string, ConfigKeys> = {
  small: {
    max_line_size: '1KB',
    max_structured_metadata_size: '200',
    max_structured_metadata_entries_count: 5,
    max_label_names_per_series: 4,
    max_label_name_length: 20,
    max_label_value_length: 30,
  },
  'no-metadata': { allow_structured_metadata: false },
  rate: { ingestion_rate_mb: 0.01, ingestion_burst_size_mb: 0.02 },
  'stream-rate': { per_stream_rate_limit: '1KB', per_stream_rate_limit_burst: '2KB' },
  'whole-stream-rate': {
    per_stream_rate_limit: '1KB',
    per_stream_rate_limit_burst: '2KB',
    shard_streams: { enabled: true },
  },
  streams: { max_global_streams_per_user: 2 },
  blocked: { block_ingestion_until: '2099-01-01T00:00:00Z' },
  policy: {
    policy_stream_mapping: { finance: [{ selector: '{service_name="payments"}', priority: 1 }] },
    block_ingestion_policy_until: { finance: '2099-01-01T00:00:00Z' },
  },
  'no-shards': { shard_streams: { enabled: false, time_sharding_enabled: false } },
  levels: { discover_log_levels: true },
  queries: { max_entries_limit_per_query: 10, max_query_length: '24h' },
};

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** A service that no other case writes to. */
function newService(): string {
  return `contract-${randomUUID().slice(0, 12)}`;
}

function stream(labels: Record<string, string>, ...entries: TestEntry[]): TestStream {
  return { labels, entries };
}

function entry(timestampNs: bigint, line: string, metadata?: Record<string, string>): TestEntry {
  return { timestampNs, line, ...(metadata === undefined ? {} : { metadata }) };
}

function rfc3339(timestampNs: bigint): string {
  return new Date(Number(timestampNs / 1_000_000n)).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The labels without those that Loki adds to tell shards apart. */
function withoutShard({ labels, ...others }: QueriedEntry): QueriedEntry {
  const { __time_shard__: _, ...own } = labels;
  return { ...others, labels: own };
}

async function linesOf(loki: LokiClient, service: string, from = nowNs() - 8n * DAY): Promise<string[]> {
  const found = await loki.query({ query: `{service_name="${service}"}`, startNs: from, endNs: nowNs() + HOUR });
  return found.map(({ line }) => line);
}

function told({ status, body }: Answer): { status: number; body: string } {
  return { status, body };
}

/** What any Loki of 3.x answers, however it is configured. */
function storesAndFinds(client: () => LokiClient): void {
  it.each<Encoding>(['protobuf', 'json', 'gzip json'])('stores what comes as %s, and finds it', async (encoding) => {
    const service = newService();
    const at = nowNs();
    const labels = { service_name: service, log: 'inference', model: 'qwen-max' };
    const text = '你好 👋 "quoted" \\ <b>&\u2028 \t\n end';
    const push = await client().push(
      [stream(labels, entry(at + 1n, text, { call_id: 'c-1', trace_id: '👋' }), entry(at, '{}'))],
      encoding,
    );
    expect(told(push)).toEqual({ status: 204, body: '' });

    const found = await client().query({ query: `{service_name="${service}"}`, categorize: true });
    expect(found.map(withoutShard).map(withoutLevel)).toEqual([
      { labels, timestampNs: at, line: '{}' },
      { labels, timestampNs: at + 1n, line: text, metadata: { call_id: 'c-1', trace_id: '👋' } },
    ]);
    const merged = await client().query({ query: `{service_name="${service}"} | call_id="c-1"` });
    expect(merged.map(withoutShard).map(withoutLevel)).toEqual([
      { labels: { ...labels, call_id: 'c-1', trace_id: '👋' }, timestampNs: at + 1n, line: text },
    ]);
  });

  it('keeps one of entries that are the same in time, line and metadata, also when they come again', async () => {
    const service = newService();
    const at = nowNs();
    const entries = [
      entry(at, 'same', { a: '1', b: '2' }),
      entry(at, 'same', { b: '2', a: '1' }),
      entry(at, 'same', { a: '2', b: '2' }),
      entry(at + 1n, 'same', { a: '1', b: '2' }),
      entry(at, 'same', { a: '1', b: '2' }),
    ];
    for (let i = 0; i < 2; i += 1) {
      expect((await client().push([stream({ service_name: service }, ...entries)])).status).toBe(204);
    }
    const found = await client().query({ query: `{service_name="${service}"}`, categorize: true });
    const shown = found.map(({ timestampNs, metadata }) => `${timestampNs - at} ${metadata!.a}`).sort();
    expect(shown).toEqual(['0 1', '0 2', '1 1']);
  });

  it('answers with the entries from start on and before end, the newest first unless told otherwise', async () => {
    const service = newService();
    const at = nowNs() - MINUTE;
    const entries = [0, 1, 2, 3, 4].map((i) => entry(at + BigInt(i), `line ${i}`));
    await client().push([stream({ service_name: service }, ...entries)]);
    const query = `{service_name="${service}"}`;
    const lines = async (range: object) => (await client().query({ query, ...range })).map(({ line }) => line);

    expect(await lines({ startNs: at + 1n, endNs: at + 3n })).toEqual(['line 1', 'line 2']);
    expect(await lines({ limit: 2 })).toEqual(['line 3', 'line 4']);
    expect(await lines({ limit: 2, direction: 'forward' })).toEqual(['line 0', 'line 1']);
    const { body } = await client().queryRange({ query, limit: 3 });
    const [{ values }] = JSON.parse(body).data.result;
    expect(values.map(([, line]: [string, string]) => line)).toEqual(['line 4', 'line 3', 'line 2']);
    expect(await lines({ startNs: at + 2n, endNs: at + 2n })).toEqual([]);
  });

  it('finds by labels, text, metadata and fields of JSON', async () => {
    const service = newService();
    const at = nowNs();
    const own = { service_name: service };
    await client().push([
      stream(
        { ...own, outcome: 'success' },
        entry(at, '{"model":"a","usage":{"total":7},"ok":true}', { call_id: '1' }),
      ),
      stream(
        { ...own, outcome: 'failure' },
        entry(at + 1n, 'plain text of Alice', { call_id: '2', duration_ms: '1500' }),
      ),
      stream({ ...own, outcome: 'failure' }, entry(at + 2n, '{"model":"b"}', { duration_ms: '20', status: '429' })),
    ]);
    const found = async (rest: string, labels = '') => {
      const query = `{service_name="${service}"${labels}}${rest}`;
      return (await client().query({ query })).map(({ timestampNs }) => Number(timestampNs - at));
    };
    expect(await found('', ', outcome="failure"')).toEqual([1, 2]);
    expect(await found('', ', outcome!="failure"')).toEqual([0]);
    expect(await found('', ', outcome=~"s.*|x"')).toEqual([0]);
    expect(await found('', ', outcome!~"succ"')).toEqual([0, 1, 2]);
    expect(await found('', ', nothing=""')).toEqual([0, 1, 2]);
    expect(await found(' |= "Alice"')).toEqual([1]);
    expect(await found(' != "Alice"')).toEqual([0, 2]);
    expect(await found(' |~ `"model":"[ab]"`')).toEqual([0, 2]);
    expect(await found(' |~ "(?i)ALICE"')).toEqual([1]);
    expect(await found(' !~ "model" |= "plain"')).toEqual([1]);
    expect(await found(' |= "Alice" or "\\"b\\""')).toEqual([1, 2]);
    expect(await found(' | call_id="1"')).toEqual([0]);
    expect(await found(' | call_id!="1"')).toEqual([1, 2]);
    expect(await found(' | call_id=~"[12]" | duration_ms > 1000')).toEqual([1]);
    expect(await found(' | duration_ms >= 20 and duration_ms < 1500')).toEqual([2]);
    expect(await found(' | call_id="1" or status="429"')).toEqual([0, 2]);
    expect(await found(' | (call_id="1" or status="429"), duration_ms="20"')).toEqual([2]);
    expect(await found(' | json | usage_total=7')).toEqual([0]);
    expect(await found(' | json | model="b"')).toEqual([2]);
    expect(await found(' | json | ok="true"')).toEqual([0]);
    expect(await found(' | json | __error__!=""')).toEqual([1]);
  });

  it('shows fields of JSON, and what has the name of a label or of metadata already', async () => {
    const service = newService();
    const at = nowNs();
    const labels = { service_name: service, model: 'label' };
    const line = '{"model":"line","call_id":"line","n":1.5,"list":[1],"none":null,"empty":"","deep":{"a-b":{"c":"d"}}}';
    await client().push([stream(labels, entry(at, line, { model: 'metadata', call_id: 'metadata' }))]);
    const query = `{service_name="${service}"} | json`;
    const [apart] = await client().query({ query, categorize: true });
    const [merged] = await client().query({ query });

    expect(withoutLevel(withoutShard(apart!))).toEqual({
      labels,
      timestampNs: at,
      line,
      metadata: EXPECTED_METADATA,
      parsed: EXPECTED_PARSED,
    });
    expect(withoutLevel(withoutShard(merged!)).labels).toEqual({ ...labels, ...EXPECTED_METADATA, ...EXPECTED_PARSED });
  });

  it('lists labels and their values', async () => {
    const service = newService();
    await client().push([stream({ service_name: service, log: 'audit' }, entry(nowNs(), 'x'))]);
    const labels = JSON.parse((await client().get('/loki/api/v1/labels')).body);
    expect(labels).toMatchObject({ status: 'success', data: expect.arrayContaining(['log', 'service_name']) });
    const values = JSON.parse((await client().get('/loki/api/v1/label/service_name/values')).body);
    expect(values.data).toContain(service);
    expect(JSON.parse((await client().get('/loki/api/v1/label/nothing/values')).body)).toEqual({ status: 'success' });
  });

  it('gives a stream without a name of its service one', async () => {
    const app = newService();
    await client().push([stream({ app }, entry(nowNs(), 'x'))]);
    expect(await linesOf(client(), app)).toEqual(['x']);
  });

  it.each<[what: string, body: string | Buffer, headers: Record<string, string>, status: number, says: RegExp]>([
    ['no stream', '{"streams":[]}', JSON_BODY, 422, /^error at least one valid stream is required for ingestion$/],
    ['no streams at all', '{}', JSON_BODY, 422, /^error at least one valid stream is required/],
    ['half of JSON', '{"streams":[', JSON_BODY, 400, /PushRequest/],
    ['a list', '[]', JSON_BODY, 400, /expect \{ or/],
    ['a time that is a number', '{"streams":[{"stream":{"a":"b"},"values":[[1,"x"]]}]}', JSON_BODY, 400, /PushRequest/],
    [
      'labels with dots',
      `{"streams":[{"stream":{"a.b":"c"},"values":[]}]}`,
      JSON_BODY,
      400,
      /^couldn't parse labels: 1:3/,
    ],
    ['no Snappy', 'abc', PROTOBUF_BODY, 400, /^snappy: corrupt input$/],
    ['nothing', '', PROTOBUF_BODY, 400, /^snappy: corrupt input$/],
    ['no protobuf', snappyLiterals(Buffer.from([0xff, 0xff, 0xff])), PROTOBUF_BODY, 400, /^unexpected EOF$/],
    [
      'a wrong wire type',
      snappyLiterals(Buffer.from([8, 1])),
      PROTOBUF_BODY,
      400,
      /^proto: wrong wireType = 0 for field Streams/,
    ],
    ['no gzip', 'abc', { ...JSON_BODY, 'content-encoding': 'gzip' }, 400, /^unexpected EOF$/],
    ['Brotli', 'abc', { ...JSON_BODY, 'content-encoding': 'br' }, 400, /^Content-Encoding "br" not supported$/],
  ])('refuses a body with %s', async (_what, body, headers, status, says) => {
    const answer = await client().pushBody(body, headers);
    expect({ status: answer.status, body: answer.body }).toEqual({ status, body: expect.stringMatching(says) });
  });

  it('takes streams without entries, and answers 204', async () => {
    expect((await client().push([stream({ service_name: newService() })])).status).toBe(204);
  });

  it.each<[what: string, query: string, says: RegExp]>([
    ['no selector', '', /^parse error/],
    ['an open bracket', '{service_name="x"', /^parse error at line 1, col \d+: syntax error: unexpected/],
    ['a word', 'service_name', /^parse error at line 1, col 1: syntax error: unexpected/],
    ['a filter without a text', '{a="b"} |= x', /^parse error at line 1, col 12: syntax error: unexpected/],
    ['nothing but what may be empty', '{service_name=~".*"}', /^parse error : queries require at least one regexp/],
    ['no label at all', '{}', /^parse error : queries require at least one regexp or equality matcher/],
    ['nothing but a difference', '{a!="b"}', /^parse error : queries require at least one regexp/],
    ['a broken expression', '{a=~"("}', /^parse error : error parsing regexp/],
  ])('refuses a query with %s', async (_what, query, says) => {
    const answer = await client().queryRange({ query });
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 400, body: expect.stringMatching(says) });
  });

  it.each<[parameters: string, says: string]>([
    ['limit=0', 'limit must be a positive value'],
    ['limit=x', 'strconv.Atoi: parsing "x": invalid syntax'],
    ['direction=up', "invalid direction 'up'"],
    ['start=2000000000&end=1900000000', 'end timestamp must not be before or equal to start time'],
  ])('refuses %s', async (parameters, says) => {
    const answer = await client().get(`/loki/api/v1/query_range?query=%7Ba%3D%22b%22%7D&${parameters}`);
    expect(told(answer)).toEqual({ status: 400, body: says });
  });

  it('answers a log query of one moment with what to do instead', async () => {
    const answer = await client().get('/loki/api/v1/query?query=%7Ba%3D%22b%22%7D');
    expect(answer).toMatchObject({
      status: 400,
      body: expect.stringContaining('change your query to a range query type'),
    });
  });

  it('takes pushes by POST only, and knows no other path', async () => {
    expect((await client().get('/loki/api/v1/push')).status).toBe(405);
    expect((await client().get('/loki/api/v1/pusch')).status).toBe(404);
    expect(told(await client().get('/ready'))).toEqual({ status: 200, body: 'ready' });
  });
}

const JSON_BODY = { 'content-type': 'application/json' };
const PROTOBUF_BODY = { 'content-type': 'application/x-protobuf' };
/** The metadata's own `model` is lost to the line's: both are called `model_extracted`. */
const EXPECTED_METADATA = { call_id: 'metadata' };
const EXPECTED_PARSED = { model_extracted: 'line', call_id_extracted: 'line', n: '1.5', empty: '', deep_a_b_c: 'd' };

/** A Loki that is not ours may detect levels. */
function withoutLevel({ metadata, labels, ...others }: QueriedEntry): QueriedEntry {
  const { detected_level: _, ...own } = metadata ?? {};
  const { detected_level: __, ...ownLabels } = labels;
  return { ...others, labels: ownLabels, ...(Object.keys(own).length === 0 ? {} : { metadata: own }) };
}

for (const target of TARGETS) {
  describe.runIf(target.there)(target.name, () => {
    let running: Running;
    const loki = (tenant: string): LokiClient => new LokiClient(running.url, tenant);

    beforeAll(async () => {
      running = await target.start({ config: { auth_enabled: true }, tenants: TENANTS });
    }, 90_000);

    afterAll(() => running?.stop());

    storesAndFinds(() => loki('ours'));

    it('answers 401 without a tenant, and keeps tenants apart', async () => {
      const nobody = new LokiClient(running.url);
      const service = newService();
      const push = [stream({ service_name: service }, entry(nowNs(), 'x'))];
      expect(told(await nobody.push(push))).toEqual({ status: 401, body: 'no org id' });
      expect(told(await nobody.queryRange({ query: '{a="b"}' }))).toEqual({ status: 401, body: 'no org id' });
      await loki('one').push(push);
      expect(await linesOf(loki('one'), service)).toEqual(['x']);
      expect(await linesOf(loki('another'), service)).toEqual([]);
    });

    it('refuses entries that are too old or too new, and stores their neighbours', async () => {
      const service = newService();
      const at = nowNs();
      const own = `{service_name="${service}"}`;
      const old = await loki('ours').push([
        stream(
          { service_name: service },
          entry(at - 7n * DAY - MINUTE, 'old'),
          entry(at - 7n * DAY + MINUTE, 'not yet'),
        ),
      ]);
      const told = `entry for stream '${own}' has timestamp too old: ${rfc3339(at - 7n * DAY - MINUTE)}, `;
      expect(old).toMatchObject({ status: 400, body: expect.stringContaining(told) });
      expect(old.body).toMatch(/oldest acceptable timestamp is: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const early = await loki('ours').push([
        stream({ service_name: service }, entry(at + 11n * MINUTE, 'early'), entry(at + 9n * MINUTE, 'soon')),
      ]);
      const body = `entry for stream '${own}' has timestamp too new: ${rfc3339(at + 11n * MINUTE)}`;
      expect(early).toMatchObject({ status: 400, body });
      expect(await linesOf(loki('ours'), service)).toEqual(['not yet', 'soon']);
    });

    it('refuses lines that are too long, counts those with one message, and stores the others', async () => {
      const service = newService();
      const at = nowNs();
      const name = { service_name: service };
      const long = 'x'.repeat(1025);
      const message = (own: string, bytes: number) =>
        `max entry size '1024' bytes exceeded for stream '${own}' while adding an entry with length '${bytes}' bytes`;
      const one = await loki('small').push([stream(name, entry(at, '你'.repeat(342)), entry(at, 'fits'))]);
      expect(told(one)).toEqual({ status: 400, body: message(`{service_name="${service}"}`, 1026) });
      const two = await loki('small').push([stream(name, entry(at, long), entry(at + 1n, long))]);
      expect(told(two)).toEqual({
        status: 400,
        body: `2 errors like: ${message(`{service_name="${service}"}`, 1025)}`,
      });
      const different = await loki('small').push([
        stream(name, entry(at, long)),
        stream({ ...name, log: 'x' }, entry(at, 'fits too'), entry(at, `${long}x`)),
      ]);
      expect(different.status).toBe(400);
      expect(different.body.split('; ').sort()).toEqual([
        `1 errors like: ${message(`{log="x", service_name="${service}"}`, 1026)}`,
        `1 errors like: ${message(`{service_name="${service}"}`, 1025)}`,
      ]);
      expect(await linesOf(loki('small'), service)).toEqual(['fits', 'fits too']);
    });

    it.each<[what: string, labels: Record<string, string>, says: string]>([
      [
        'too many labels',
        { service_name: 's', a: '1', b: '2', c: '3', d: '4', e: '5' },
        `entry for stream '{a="1", b="2", c="3", d="4", e="5", service_name="s"}' has 5 label names; limit 4`,
      ],
      [
        'a long name of a label',
        { service_name: 's', ['n'.repeat(21)]: '1' },
        `stream '{${'n'.repeat(21)}="1", service_name="s"}' has label name too long: '${'n'.repeat(21)}'`,
      ],
      [
        'a long value of a label',
        { service_name: 's', a: '值'.repeat(11) },
        `stream '{a="${'值'.repeat(11)}", service_name="s"}' has label value too long: '${'值'.repeat(11)}'`,
      ],
    ])('refuses %s', async (_what, labels, says) => {
      expect(told(await loki('small').push([stream(labels, entry(nowNs(), 'x'))]))).toEqual({
        status: 400,
        body: says,
      });
    });

    it('refuses structured metadata that is too large, too many, or not allowed', async () => {
      const name = { service_name: 's' };
      const push = (tenant: string, metadata: Record<string, string>) =>
        loki(tenant).push([stream(name, entry(nowNs(), 'x', metadata))]);
      const advice = (key: string, todo: string) =>
        `Please see \`limits_config.${key}\` or contact your Loki administrator to ${todo} it`;
      expect(told(await push('small', { a: 'v'.repeat(200) }))).toEqual({
        status: 400,
        body: `stream '{service_name="s"}' has structured metadata too large: '201' bytes, limit: '200' bytes. ${advice('max_structured_metadata_size', 'increase')}`,
      });
      expect(told(await push('small', { a: '', b: '', c: '', d: '', e: '', f: '' }))).toEqual({
        status: 400,
        body: `stream '{service_name="s"}' has too many structured metadata labels: '6', limit: '5'. ${advice('max_structured_metadata_entries_count', 'increase')}`,
      });
      expect(told(await push('no-metadata', { a: '1' }))).toEqual({
        status: 400,
        body: `stream '{service_name="s"}' includes structured metadata, but this feature is disallowed. ${advice('allow_structured_metadata', 'enable')}`,
      });
    });

    it('makes names of metadata into those of labels, and drops empty values', async () => {
      const service = newService();
      const metadata = { 'a.b': '1', '1x': '2', _y: '3', 'z-': '4', __w: '5', none: '' };
      await loki('ours').push([stream({ service_name: service }, entry(nowNs(), 'x', metadata))]);
      const [found] = await loki('ours').query({ query: `{service_name="${service}"}`, categorize: true });
      expect(found!.metadata).toEqual({ _w: '5', _y: '3', a_b: '1', key_1x: '2', z_: '4' });
    });

    it('answers 500 to metadata without a name, and stores nothing of that push', async () => {
      const service = newService();
      const push = [stream({ service_name: service }, entry(nowNs(), 'fine'), entry(nowNs(), 'x', { '': '1' }))];
      expect(told(await loki('ours').push(push))).toEqual({ status: 500, body: 'label name is empty' });
      expect(await linesOf(loki('ours'), service)).toEqual([]);
    });

    it('refuses a push as a whole over the rate for everything together', async () => {
      const service = newService();
      const push = (...bytes: number[]) =>
        loki('rate').push([
          stream(
            { service_name: service },
            ...bytes.map((count, i) => entry(nowNs(), `${i}`.repeat(count), { a: 'bc' })),
          ),
        ]);
      expect((await push(15_000)).status).toBe(204);
      const refused = await push(8000, 8000);
      expect(told(refused)).toEqual({
        status: 429,
        body: "ingestion rate limit exceeded for user rate (limit: 10485 bytes/sec) while attempting to ingest '2' lines totaling '16006' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased",
      });
      expect(refused.headers.get('retry-after')).toBeNull();
      expect((await linesOf(loki('rate'), service)).length).toBe(1);
    });

    it('refuses entries of one stream over its rate, each for itself', async () => {
      const service = newService();
      const at = nowNs();
      // With the label of its hour, as every stream that is shared out by time.
      const hour = (at / HOUR) * 3600n;
      const own = `{__time_shard__="${hour}_${hour + 3600n}", service_name="${service}"}`;
      const push = (...entries: TestEntry[]) =>
        loki('stream-rate').push([stream({ service_name: service }, ...entries)]);
      expect((await push(entry(at, 'a'.repeat(1500)))).status).toBe(204);
      const refused = await push(
        entry(at, 'b'.repeat(300)),
        entry(at + 1n, 'c'.repeat(1500)),
        entry(at, 'd'.repeat(50)),
      );
      expect(refused.status).toBe(429);
      const [first, last] = refused.body.split('\n');
      expect(first).toMatch(/^entry with timestamp \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000 UTC ignored, reason: '/);
      expect(first).toContain(
        `reason: 'Per stream rate limit exceeded (limit: 1KB/sec) while attempting to ingest for stream '${own}' totaling 1500B, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased',`,
      );
      expect(last).toBe(`user 'stream-rate', total ignored: 1 out of 3 for stream: ${own}`);
      const lines = await linesOf(loki('stream-rate'), service);
      expect(lines.map((line) => line[0])).toEqual(['a', 'b', 'd']);
    });

    it('refuses the whole stream over its rate where shards by rate are on', async () => {
      const service = newService();
      const at = nowNs();
      const push = (...entries: TestEntry[]) =>
        loki('whole-stream-rate').push([stream({ service_name: service }, ...entries)]);
      expect((await push(entry(at, 'a'.repeat(1500)))).status).toBe(204);
      const refused = await push(entry(at, 'b'.repeat(300)), entry(at + 1n, 'c'.repeat(1500)));
      expect(refused.status).toBe(429);
      expect(refused.body).toMatch(/total ignored: 2 out of 2 for stream/);
      expect((await linesOf(loki('whole-stream-rate'), service)).length).toBe(1);
    });

    it('answers for the last stream of a push alone: what was refused before, it does not tell', async () => {
      const one = { service_name: newService() };
      const two = { service_name: newService() };
      const tooMuch = entry(nowNs(), 'x'.repeat(3000));
      const fine = entry(nowNs(), 'fine');
      expect((await loki('stream-rate').push([stream(one, tooMuch), stream(two, fine)])).status).toBe(204);
      expect(await linesOf(loki('stream-rate'), one.service_name)).toEqual([]);
      expect(await linesOf(loki('stream-rate'), two.service_name)).toEqual(['fine']);
      const other = await loki('stream-rate').push([stream(two, { ...fine, line: 'too' }), stream(one, tooMuch)]);
      expect(other.status).toBe(429);
      expect(await linesOf(loki('stream-rate'), two.service_name)).toEqual(['fine', 'too']);
    });

    it('refuses streams above their number, and goes on taking those it has', async () => {
      const at = nowNs();
      const push = (name: string, line: string) =>
        loki('streams').push([stream({ service_name: name }, entry(at, line))]);
      expect((await push('s0', 'a')).status).toBe(204);
      expect((await push('s1', 'b')).status).toBe(204);
      const refused = await push('s2', 'c');
      expect(refused.status).toBe(429);
      expect(refused.body).toMatch(
        /^maximum active stream limit exceeded when trying to create stream \{__time_shard__="\d+_\d+", service_name="s2"\}, reduce the number of active streams \(reduce labels or reduce label values\), or contact your Loki administrator to see if the limit can be increased, user: 'streams'$/,
      );
      expect((await push('s1', 'd')).status).toBe(204);
    });

    it('answers 260 when it is blocked, which is no success', async () => {
      const push = (service: string, ...entries: TestEntry[]) => stream({ service_name: service }, ...entries);
      const at = nowNs();
      expect(told(await loki('blocked').push([push('x', entry(at, 'a'))]))).toEqual({
        status: 260,
        body: "ingestion blocked for user 'blocked' until '2099-01-01T00:00:00Z' with status code '260'",
      });
      const service = newService();
      const mixed = await loki('policy').push([push('payments', entry(at, 'a')), push(service, entry(at, 'b'))]);
      expect(told(mixed)).toEqual({
        status: 260,
        body: "ingestion blocked for user 'policy' (policy: 'finance') until '2099-01-01T00:00:00Z' with status code '260'",
      });
      expect(await linesOf(loki('policy'), service)).toEqual(['b']);
      expect(await linesOf(loki('policy'), 'payments')).toEqual([]);
      const bad = entry(at - 8n * DAY, 'too old');
      const both = await loki('policy').push([push('payments', entry(at, 'c')), push(service, bad)]);
      expect(both).toMatchObject({ status: 400, body: expect.stringContaining('timestamp too old') });
    });

    it('refuses what is more than an hour behind the newest of its stream, when it makes no shards by time', async () => {
      const service = newService();
      const own = `{service_name="${service}"}`;
      const at = (nowNs() / SECOND) * SECOND + 500_000_000n;
      const push = (...entries: TestEntry[]) => loki('no-shards').push([stream({ service_name: service }, ...entries)]);
      expect((await push(entry(at, 'new'))).status).toBe(204);
      const behind = at - HOUR - MINUTE;
      const refused = await push(
        entry(at - 59n * MINUTE, 'in time'),
        entry(behind, 'behind'),
        entry(at - SECOND, 'also'),
      );
      const shown = rfc3339(behind).replace('T', ' ').replace('Z', '.5 +0000 UTC');
      expect(told(refused)).toEqual({
        status: 400,
        body:
          `entry with timestamp ${shown} ignored, reason: 'entry too far behind, entry timestamp is: ` +
          `${rfc3339(behind)}, oldest acceptable timestamp is: ${rfc3339(at - HOUR)}',\n` +
          `user 'no-shards', total ignored: 1 out of 3 for stream: ${own}`,
      });
      expect(await linesOf(loki('no-shards'), service)).toEqual(['in time', 'also', 'new']);
    });

    it('takes a backlog in any order, finds it at once, and knows what comes again', async () => {
      const service = newService();
      const at = nowNs();
      const ages = [0n, 61n * MINUTE, 6n * DAY, 5n * HOUR, SECOND];
      const push = () =>
        loki('ours').push([
          stream({ service_name: service }, ...ages.map((age) => entry(at - age, `${age / SECOND} s`))),
        ]);
      expect((await push()).status).toBe(204);
      expect((await push()).status).toBe(204);
      expect(await linesOf(loki('ours'), service)).toEqual(['518400 s', '18000 s', '3660 s', '1 s', '0 s']);
      const longAgo = { query: `{service_name="${service}"}`, startNs: at - 6n * HOUR, endNs: at - 4n * HOUR };
      const [found] = await loki('ours').query(longAgo);
      const hour = ((at - 5n * HOUR) / HOUR) * 3600n;
      expect(found!.labels).toEqual({ service_name: service, __time_shard__: `${hour}_${hour + 3600n}` });
    });

    it.each<[line: string, level: string]>([
      ['{"a":{"level":"WARNING"}}', 'warn'],
      ['{"messages":[{"content":"an error, or so"}]}', 'error'],
      ['{"text":"terrors and information"}', 'unknown'],
      ['level of debug: info', 'debug'],
    ])('writes a level into the metadata where it detects levels: %s', async (line, level) => {
      const service = newService();
      await loki('levels').push([stream({ service_name: service }, entry(nowNs(), line, { call_id: '1' }))]);
      const [found] = await loki('levels').query({ query: `{service_name="${service}"}`, categorize: true });
      expect(found!.metadata).toEqual({ call_id: '1', detected_level: level });
    });

    it('refuses queries over its limits', async () => {
      const query = '{a="b"}';
      expect(told(await loki('queries').queryRange({ query, limit: 11 }))).toEqual({
        status: 400,
        body: 'max entries limit per query exceeded, limit > max_entries_limit_per_query (11 > 10)',
      });
      const long = await loki('queries').queryRange({ query, limit: 10, startNs: nowNs() - 2n * DAY });
      expect(long).toMatchObject({ status: 400 });
      expect(long.body).toMatch(/^the query time range exceeds the limit \(query length: 48h0m\S+s, limit: 1d\)$/);
    });
  });

  describe.runIf(target.there)(`${target.name}, with small messages`, () => {
    const MESSAGE_BYTES = 512 * 1024;
    let running: Running;
    let loki: LokiClient;

    beforeAll(async () => {
      running = await target.start({
        config: {
          // It would try a query that is too large five times, which takes a quarter of a minute.
          query_range: { max_retries: 1 },
          server: { grpc_server_max_recv_msg_size: MESSAGE_BYTES, grpc_server_max_send_msg_size: MESSAGE_BYTES },
          distributor: { max_recv_msg_size: 2_000_000, max_decompressed_size: 3_000_000 },
        },
      });
      loki = new LokiClient(running.url);
    }, 90_000);

    afterAll(() => running?.stop());

    it('answers 500 "larger than max" to a push that is too large for its parts, and stores nothing of it', async () => {
      const service = newService();
      const at = nowNs();
      const lines = Array.from({ length: 6 }, (_, i) => entry(at + BigInt(i), `${i}`.repeat(100_000)));
      const refused = await loki.push([stream({ service_name: service }, ...lines)]);
      expect(refused.status).toBe(500);
      const found =
        /^rpc error: code = ResourceExhausted desc = grpc: received message larger than max \((\d+) vs\. 524288\)$/;
      expect(refused.body).toMatch(found);
      expect(Number(found.exec(refused.body)![1])).toBeCloseTo(600_230, -2);
      expect(await linesOf(loki, service)).toEqual([]);
      expect((await loki.push([stream({ service_name: service }, ...lines.slice(0, 5))])).status).toBe(204);
    });

    it('answers 500 to a query that finds more than fits, and finds less at a time', async () => {
      const service = newService();
      const at = nowNs();
      for (let push = 0; push < 2; push += 1) {
        const lines = Array.from({ length: 4 }, (_, i) => entry(at + BigInt(4 * push + i), `${i}`.repeat(100_000)));
        expect((await loki.push([stream({ service_name: service }, ...lines)])).status).toBe(204);
      }
      const query = `{service_name="${service}"}`;
      const refused = await loki.queryRange({ query });
      expect(refused.status).toBe(500);
      expect(refused.body).toMatch(
        /^rpc error: code = ResourceExhausted desc = .* larger than max \(\d+ vs\. 524288\)$/,
      );
      expect(await loki.query({ query, limit: 5 })).toHaveLength(5);
      expect(await loki.query({ query, startNs: at, endNs: at + 4n })).toHaveLength(4);
    });

    it('answers 413 to bodies that are too large, as they come and once they are decompressed', async () => {
      const body = (bytes: number) =>
        JSON.stringify({ streams: [{ stream: { a: 'b' }, values: [[String(nowNs()), 'x'.repeat(bytes)]] }] });
      // Loki 3.7 takes JSON that it has cut off itself for broken, and answers 400.
      const tooLarge = (answer: Answer, says: string) =>
        expect([`413 request body too large: ${says}`, 400]).toContain(
          answer.status === 400 ? 400 : `${answer.status} ${answer.body}`,
        );
      const plain = await loki.pushBody(body(2_100_000), JSON_BODY);
      tooLarge(plain, 'message size too large than max (2000001 vs 2000000)');
      const gzip = await loki.pushBody(gzipSync(body(3_100_000)), { ...JSON_BODY, 'content-encoding': 'gzip' });
      tooLarge(gzip, 'decompressed message size too large than max (3000001 vs 3000000)');
      const snappy = await loki.pushBody(snappyLiterals(Buffer.alloc(1_999_999)), PROTOBUF_BODY);
      expect(snappy).toMatchObject({
        status: 413,
        body: expect.stringMatching(/^request body too large: message size/),
      });
      const declared = await loki.pushBody(Buffer.from([0xff, 0xff, 0xff, 0x7f]), PROTOBUF_BODY);
      // Loki 3.7 says this with 400 and without the words before it.
      expect(`${declared.status} ${declared.body.replace('request body too large: ', '')}`).toMatch(
        /^4(00|13) decompressed message size too large than max \(268435455 vs 3000000\)$/,
      );
    });
  });
}

const { LOKI_URL, LOKI_TENANT = 'contract' } = process.env;
if (LOKI_URL) describe(`the Loki at ${LOKI_URL}`, () => storesAndFinds(() => new LokiClient(LOKI_URL, LOKI_TENANT)));
