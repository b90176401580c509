import { once } from 'node:events';
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import express from 'express';
import type { Counter } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { MetricsProjection } from '../../projections/metrics/projection.js';
import { callOf, OPTIONS } from '../../projections/metrics/testdata/calls.js';
import { type ExposedFamily, OwnMetrics } from '../../telemetry/own-metrics.js';
import { type ScrapeDeps, scrapeRoute } from './scrape-route.js';
import { checkOpenMetrics } from './testdata/check-openmetrics.js';
import { parseText } from './testdata/parse-text.js';

const BORN = 1_000_000;
const SHOWN = BORN + OPTIONS.birthHoldMs;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Exporter {
  url: string;
  deps: ScrapeDeps;
  errors: unknown[];
  /** Resolves when the handler has answered so many requests, well or badly. */
  handled: () => Promise<void>;
}

/** A server with one series for each key. */
async function exporter(keys: number, given: Partial<ScrapeDeps> = {}): Promise<Exporter> {
  const projection = MetricsProjection.create(OPTIONS);
  for (let key = 0; key < keys; key++) {
    // So that no workspace comes near its limit of series.
    const workspace = `workspace-${Math.floor(key / 5000)}`;
    projection.apply(callOf({ workspace, apikey: `key-${key}`, durationUs: 1 }), BORN);
  }
  const errors: unknown[] = [];
  const deps: ScrapeDeps = {
    projection,
    own: new OwnMetrics({ version: '1.2.3', processMetrics: false }),
    now: () => SHOWN,
    onError: (error) => errors.push(error),
    ...given,
  };
  const route = scrapeRoute(deps);
  let running: Promise<void> = Promise.resolve();
  const app = express();
  app.get('/metrics', (req, res) => {
    running = route(req, res);
    return running;
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/metrics`, deps, errors, handled: () => running };
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** An answer of which nothing is read yet. */
function open(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers, method, agent: false }, resolve).on('error', reject);
  });
}

async function scrape(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const response = await open(url, headers, method);
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) };
}

/** A promise that the test resolves. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function counted(counter: Counter<string>, labels: Record<string, string> = {}): Promise<number> {
  const { values } = await counter.get();
  return values.find((one) => JSON.stringify(one.labels) === JSON.stringify(labels))?.value ?? 0;
}

describe('GET /metrics', () => {
  it('answers text 0.0.4 to whoever asks for nothing', async () => {
    const { url } = await exporter(3);
    const { status, headers, body } = await scrape(url);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers.vary).toBe('Accept, Accept-Encoding');
    const series = parseText(body.toString());
    expect(Number(series.get('["model_observation_counters_epoch"]'))).toBe(Math.floor(BORN / 1000));
    // Outcomes and a histogram for each key; last call, workspace and its series; two limits.
    expect(series.get('["model_observation_series"]')).toBe(String(3 * 3 + 3 * 6 + 3 + 2));
  });

  it('answers OpenMetrics, and text as before to the next', async () => {
    const { url } = await exporter(3);
    const before = await scrape(url);
    const { headers, body } = await scrape(url, { accept: 'application/openmetrics-text;version=1.0.0' });
    expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(checkOpenMetrics(body.toString())).toBeGreaterThan(30);
    const after = await scrape(url);
    expect([...parseText(after.body.toString()).keys()]).toEqual([...parseText(before.body.toString()).keys()]);
  });

  it('sends the same gzipped', async () => {
    const { url } = await exporter(2000);
    const plain = await scrape(url);
    const { headers, body } = await scrape(url, { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(body.length).toBeLessThan(plain.body.length / 5);
    const calls = (text: Buffer) => text.toString().split('# HELP model_observation_records_total')[0];
    expect(calls(gunzipSync(body))).toBe(calls(plain.body));
  });

  it('observes how long whole scrapes took, and their bytes', async () => {
    const { url, handled } = await exporter(1);
    const first = await scrape(url);
    await handled();
    const series = parseText((await scrape(url)).body.toString());
    expect(series.get('["model_observation_scrape_duration_seconds_count"]')).toBe('1');
    expect(series.get('["model_observation_scrapes_total",["result","complete"]]')).toBe('1');
    expect(series.get('["model_observation_scrape_renders_total"]')).toBe('2');
    expect(series.get('["model_observation_scrape_bytes_total"]')).toBe(String(first.body.length));
  });

  it('answers HEAD with the headers alone, and renders nothing for it', async () => {
    const { url, deps } = await exporter(3);
    const { status, headers, body } = await scrape(url, {}, 'HEAD');
    expect([status, headers['content-type'], body.length]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      0,
    ]);
    expect(await counted(deps.own.scrapeRenders)).toBe(0);
  });

  it('renders once for scrapes that overlap, and makes the clock durable once', async () => {
    const reveal = gate();
    let asked = 0;
    const { url, deps } = await exporter(2000, {
      beforeReveal: () => {
        asked += 1;
        return reveal.opened;
      },
    });
    const scrapes = Array.from({ length: 4 }, () => scrape(url, { 'accept-encoding': 'gzip' }));
    await expect.poll(() => counted(deps.own.scrapeRenders)).toBe(1);
    reveal.open();
    const [first, ...others] = await Promise.all(scrapes);
    expect(first?.status).toBe(200);
    for (const other of others) expect(other.body).toEqual(first?.body);
    expect([asked, await counted(deps.own.scrapeRenders)]).toEqual([1, 1]);
    expect(await counted(deps.own.scrapes, { result: 'complete' })).toBe(4);
  });

  it('answers 500 to all that share a render, and tells why once', async () => {
    const reveal = gate();
    const { url, deps, errors } = await exporter(1, {
      beforeReveal: () => reveal.opened.then(() => Promise.reject(new Error('no space left on device'))),
    });
    const scrapes = [scrape(url), scrape(url)];
    await expect.poll(() => counted(deps.own.scrapeRenders)).toBe(1);
    // The second has come by now: they were sent in one turn.
    await scrape(url, {}, 'HEAD');
    reveal.open();
    expect((await Promise.all(scrapes)).map(({ status }) => status)).toEqual([500, 500]);
    expect(errors).toEqual([new Error('no space left on device')]);
    expect(await counted(deps.own.scrapes, { result: 'failed' })).toBe(2);
  });

  it('keeps nobody waiting for a scraper that does not read', async () => {
    const { url } = await exporter(30_000);
    const slow = await open(url);
    const began = performance.now();
    const fast = await scrape(url);
    const whole = performance.now() - began;
    expect(fast.body.length).toBeGreaterThan(25_000_000);
    // It would be a minute until the other one is cut off.
    expect(whole).toBeLessThan(20_000);
    const parts: Buffer[] = [];
    for await (const part of slow) parts.push(part as Buffer);
    expect(Buffer.concat(parts).toString().split('# HELP model_observation')[0]).toBe(
      fast.body.toString().split('# HELP model_observation')[0],
    );
  });

  it('refuses more scrapes at once than there can be reason for, and takes new ones when some are over', async () => {
    const reveal = gate();
    const { url, deps } = await exporter(1, { beforeReveal: () => reveal.opened });
    const scrapes = Array.from({ length: 17 }, () => scrape(url));
    const refused = await Promise.race(scrapes);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(refused.body.toString())).toMatchObject({
      type: 'urn:model-observation:problem:too-many-scrapes',
      detail: '16 scrapes are being answered already.',
    });
    expect(await counted(deps.own.scrapes, { result: 'refused' })).toBe(1);
    reveal.open();
    const statuses = (await Promise.all(scrapes)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(16);
    expect((await scrape(url)).status).toBe(200);
  });

  it('makes the clock durable before it shows a counter for the first time, and only then', async () => {
    let now = SHOWN - 1;
    const durable: number[] = [];
    const { url } = await exporter(1, {
      now: () => now,
      beforeReveal: async (nowMs) => {
        durable.push(nowMs);
      },
    });
    await scrape(url);
    expect(durable).toEqual([]);
    now = SHOWN;
    await scrape(url);
    await scrape(url);
    expect(durable).toEqual([SHOWN]);
  });

  it('answers 500 and shows nothing when that fails, and asks again', async () => {
    let fail = true;
    const { url, errors } = await exporter(1, {
      beforeReveal: async () => {
        if (fail) throw new Error('no space left on device');
      },
    });
    for (const _ of [1, 2]) {
      const { status, body } = await scrape(url);
      expect([status, body.toString()]).toEqual([500, 'The metrics could not be rendered; the log says why.\n']);
    }
    expect(errors).toHaveLength(2);
    fail = false;
    expect((await scrape(url)).status).toBe(200);
  });

  it.each([{}, { 'accept-encoding': 'gzip' }])('breaks off when a render fails halfway: %j', async (headers) => {
    class Failing extends OwnMetrics {
      override async families(): Promise<readonly ExposedFamily[]> {
        const broken = { name: 'broken', type: 'gauge', help: 'Fails.', unit: '' } as const;
        return [Object.defineProperty({ ...broken, samples: [] }, 'samples', { get: fails })];
      }
    }
    const fails = () => {
      throw new Error('a bug');
    };
    const own = new Failing({ version: '1', processMetrics: false });
    const { url, errors, handled } = await exporter(5000, { own });
    const ends = await Promise.allSettled([scrape(url, headers), scrape(url, headers)]);
    expect(ends.map((end) => end.status === 'rejected' && end.reason.message)).toEqual(['aborted', 'aborted']);
    await handled();
    expect(new Set(errors)).toEqual(new Set([new Error('a bug')]));
    expect(await counted(own.scrapes, { result: 'failed' })).toBe(2);
  });

  it('cuts off a scraper that takes nothing more, and only then', async () => {
    const { url, deps, errors, handled } = await exporter(30_000, { stalledAfterMs: 200 });
    const response = await open(url);
    // Nobody reads it: what the sockets hold is all that is taken.
    await handled();
    const cut = once(response, 'error');
    response.resume();
    expect((await cut)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(errors).toEqual([]);
    expect(await counted(deps.own.scrapes, { result: 'aborted' })).toBe(1);
    expect((await scrape(url)).status).toBe(200);
  });

  it.each([{}, { 'accept-encoding': 'gzip' }])('stops rendering when the scraper goes away: %j', async (headers) => {
    const { url, deps, errors, handled } = await exporter(30_000);
    const response = await open(url, headers);
    response.on('error', () => {});
    await once(response, 'data');
    response.destroy();
    await handled();
    expect(errors).toEqual([]);
    expect(await counted(deps.own.scrapes, { result: 'aborted' })).toBe(1);
    expect(await counted(deps.own.scrapes, { result: 'complete' })).toBe(0);
  });
});
