import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { reload, verifyReceivers, verifyRules } from './reload-server.js';

let server: Server | null = null;
let asked: string[] = [];

afterEach(() => {
  server?.close();
  server = null;
  asked = [];
});

/** A server that answers everything alike. */
async function answering(status: number, body: string, headers: Record<string, string> = {}): Promise<string> {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status, headers).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a reload', () => {
  test('done', async () => {
    const url = await answering(200, '');
    expect(await reload('Prometheus', `${url}/`)).toEqual({ isGood: true, says: `Prometheus at ${url}/: reloaded` });
    expect(asked).toEqual(['POST /-/reload']);
  });

  test('below a path', async () => {
    const url = await answering(200, '');
    await reload('Alertmanager', `${url}/alertmanager`);
    expect(asked).toEqual(['POST /alertmanager/-/reload']);
  });

  test('of a Prometheus without its lifecycle API: what to do', async () => {
    const url = await answering(403, 'Lifecycle API is not enabled.');
    expect(await reload('Prometheus', url)).toEqual({
      isGood: false,
      says: `Prometheus at ${url} does not reload over HTTP: start it with --web.enable-lifecycle, or send its process SIGHUP.`,
    });
  });

  test('refused: why', async () => {
    const url = await answering(500, 'failed to reload config: undefined receiver "x" used in route\n');
    expect(await reload('Alertmanager', url)).toEqual({
      isGood: false,
      says: `Alertmanager at ${url} refuses its configuration, and goes on with the old one: failed to reload config: undefined receiver "x" used in route`,
    });
  });

  test('answered with a long page: its beginning', async () => {
    const { says } = await reload('Alertmanager', await answering(502, 'x'.repeat(100_000)));
    expect(says).toMatch(/answered 502: x{2000}…$/);
  });

  test('sent to a login page', async () => {
    const url = await answering(302, '', { location: '/login' });
    expect(await reload('Alertmanager', url)).toMatchObject({
      isGood: false,
      says: expect.stringContaining('answered 302'),
    });
    expect(asked).toHaveLength(1);
  });

  test('nobody there', async () => {
    const url = await answering(200, '');
    server?.close();
    await once(server!, 'close');
    expect(await reload('Prometheus', url)).toMatchObject({
      isGood: false,
      says: expect.stringMatching(
        /^Prometheus does not answer at \S+: .*ECONNREFUSED.*\. It takes the files when it starts\.$/,
      ),
    });
  });
});

describe('the rules that Prometheus has', () => {
  const RULES = `groups:
  - name: model-observation-alerts
    rules:
      - { record: 'a:b', expr: '1' }
      - { alert: A, expr: '1 > 0', labels: { level: error, rule: r }, annotations: { threshold: '5%' } }
`;
  const RECORDED = { name: 'a:b', health: 'ok' };
  const ALERT = { name: 'A', health: 'ok', labels: { rule: 'r', level: 'error' }, annotations: { threshold: '5%' } };

  async function verify(rules: object[], name = 'model-observation-alerts') {
    const url = await answering(
      200,
      JSON.stringify({
        data: {
          groups: [
            { name: 'another', rules: [] },
            { name, rules },
          ],
        },
      }),
    );
    return verifyRules(url, RULES);
  }

  test('all, evaluated or not yet', async () => {
    expect(await verify([{ ...RECORDED, health: 'unknown' }, ALERT])).toEqual({
      isGood: true,
      says: 'Prometheus has all 2 rules, none with an error, 1 of them not evaluated yet',
    });
  });

  test('one that fails: its error', async () => {
    const { isGood, says } = await verify([RECORDED, { ...ALERT, health: 'err', lastError: 'many-to-many matching' }]);
    expect(isGood).toBe(false);
    expect(says).toMatch(/as they should be\.\n {4}A: many-to-many matching$/);
  });

  test.each<[what: string, rules: object[], name?: string]>([
    ['another group', [RECORDED, ALERT], 'model-observation-alerts-old'],
    ['one rule fewer', [ALERT]],
    ['another threshold', [RECORDED, { ...ALERT, annotations: { threshold: '7%' } }]],
    ['another order', [ALERT, RECORDED]],
  ])('%s: it reads another file', async (_what, rules, name) => {
    expect(await verify(rules, name)).toMatchObject({
      isGood: false,
      says: expect.stringContaining('Does it read this file? See rule_files in its configuration.'),
    });
  });

  test.each([
    [404, ''],
    [200, '<html>'],
  ])('no answer of its kind: %i "%s"', async (status, body) => {
    expect(await verifyRules(await answering(status, body), RULES)).toMatchObject({
      isGood: false,
      says: expect.stringContaining('does not say which rules it has: it answered'),
    });
  });
});

describe('the receivers that Alertmanager has', () => {
  const config = (...names: string[]) => `receivers: [${names.map((name) => `{ name: ${name} }`).join(', ')}]`;

  test('those of one of the files', async () => {
    const url = await answering(200, JSON.stringify([{ name: 'b' }, { name: 'a' }]));
    expect(await verifyReceivers(url, [config('c'), config('a', 'b')])).toEqual({
      isGood: true,
      says: 'Alertmanager has all 2 receivers',
    });
  });

  test('others: it reads another file', async () => {
    const url = await answering(200, JSON.stringify([{ name: 'default' }]));
    expect(await verifyReceivers(url, [config('a')])).toMatchObject({
      isGood: false,
      says: expect.stringContaining('Does it read this file? See --config.file of its command line.\n    default'),
    });
  });
});
