import { once } from 'node:events';
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import express from 'express';
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
  for (let key = 0; key < keys; key++) projection.apply(callOf({ apikey: `key-${key}`, durationUs: 1 }), BORN);
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

async function scrape(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, method, agent: false }, resolve).on('error', reject);
  });
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) };
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
    expect(series.get('["model_observation_series"]')).toBe(String(3 * 3 + 3 * 6 + 2));
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

  it('observes how long whole scrapes took', async () => {
    const { url, handled } = await exporter(1);
    await scrape(url);
    await handled();
    const { body } = await scrape(url);
    expect(parseText(body.toString()).get('["model_observation_scrape_duration_seconds_count"]')).toBe('1');
  });

  it('answers HEAD with the headers alone', async () => {
    const { url } = await exporter(3);
    const { status, headers, body } = await scrape(url, {}, 'HEAD');
    expect([status, headers['content-type'], body.length]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      0,
    ]);
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
    await expect(scrape(url, headers)).rejects.toThrow('aborted');
    await handled();
    expect(errors).toEqual([new Error('a bug')]);
  });

  it('cuts off a scraper that takes nothing more, and only then', async () => {
    const { url, deps, errors, handled } = await exporter(30_000, { stalledAfterMs: 200 });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { agent: false }, resolve).on('error', reject);
    });
    // Nobody reads it: what the sockets hold is all that is taken.
    await handled();
    const cut = once(response, 'error');
    response.resume();
    expect((await cut)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(errors).toEqual([]);
    const { values } = await deps.own.scrapeDuration.get();
    expect(values.find(({ metricName }) => metricName?.endsWith('_count'))?.value).toBe(0);
    expect((await scrape(url)).status).toBe(200);
  });

  it.each([{}, { 'accept-encoding': 'gzip' }])('stops rendering when the scraper goes away: %j', async (headers) => {
    const { url, deps, errors, handled } = await exporter(30_000);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { headers, agent: false }, resolve).on('error', reject);
    });
    response.on('error', () => {});
    await once(response, 'data');
    response.destroy();
    await handled();
    expect(errors).toEqual([]);
    const { values } = await deps.own.scrapeDuration.get();
    expect(values.find(({ metricName }) => metricName?.endsWith('_count'))?.value).toBe(0);
  });
});
