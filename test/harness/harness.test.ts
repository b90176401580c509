import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from './condition.js';
import { freePort } from './free-port.js';
import { hasPrograms } from './prometheus-binaries.js';
import { PrometheusProcess, scraping } from './prometheus-process.js';
import { ServerProcess } from './server-process.js';

let target: Server | undefined;

afterEach(() => {
  target?.close();
});

async function serveExposition(text: string): Promise<string> {
  const port = await freePort();
  target = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(text);
  }).listen(port, '127.0.0.1');
  return `127.0.0.1:${port}`;
}

describe.runIf(hasPrograms('prometheus'))('a real Prometheus', () => {
  it('scrapes a target, answers queries, and stops', async () => {
    const address = await serveExposition('# TYPE apples_total counter\napples_total{kind="a"} 3\n');
    const prometheus = await PrometheusProcess.start({ config: scraping([address]) });

    await until('the target to be up', async () => (await prometheus.value('up')) === 1);

    expect(await prometheus.query('apples_total')).toMatchObject([
      { metric: { kind: 'a', instance: address }, value: 3 },
    ]);
    expect(await prometheus.value('scalar(apples_total) / 0')).toBe(Number.POSITIVE_INFINITY);
    expect(await prometheus.series('apples_total')).toHaveLength(1);
    expect(await prometheus.targets()).toMatchObject([{ health: 'up', scrapePool: 'model-observation' }]);
    const now = Date.now() / 1000;
    const ranges = await prometheus.queryRange('apples_total', { start: now - 2, end: now, stepSeconds: 1 });
    expect(ranges[0]?.values.at(-1)?.[1]).toBe(3);
    await expect(prometheus.query('up{')).rejects.toThrow('bad_data');

    expect(await prometheus.stop()).toBe(0);
  });

  it('says why it did not start', async () => {
    await expect(PrometheusProcess.start({ config: { scrape_configs: 'none' } })).rejects.toThrow('cannot unmarshal');
  });
});

describe('a server process', () => {
  it('is killed when it ignores SIGTERM', async () => {
    const script = "process.on('SIGTERM', () => {}); console.log('here'); setInterval(() => {}, 1000);";
    const server = await ServerProcess.spawn({ name: 'stubborn', command: process.execPath, args: ['-e', script] });
    await until('it to speak', () => server.stdout.includes('here'));

    await expect(server.stop(200)).rejects.toThrow('still there 0.2 s after SIGTERM');
    expect(server.exit).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('is a clear error when the program does not exist', async () => {
    const missing = ServerProcess.spawn({ name: 'ghost', command: '/nonexistent/ghost', args: [] });
    await expect(missing).rejects.toThrow('ENOENT');
  });
});

describe('until', () => {
  it('says what it saw last', async () => {
    const waiting = until('three', () => [1, 2].length === 3, { timeoutMs: 60, intervalMs: 10 });
    await expect(waiting).rejects.toThrow('waited 0.06 s for three; last seen: false');
  });
});
