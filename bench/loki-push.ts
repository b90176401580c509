import { once } from 'node:events';
import type { Figure } from './figure.js';
import { benchScript, LOAD_CORE, runOn, SERVER_CORE, startOn } from './processes.js';

interface Pushed {
  bytes: number;
  seconds: number;
  cpuSeconds: number;
}

/** MB of lines and structured metadata a second to a sink on loopback, as protobuf with Snappy. Baseline: as JSON with gzip. */
export async function lokiPush(): Promise<Figure> {
  const [value, baseline] = (await pushBothWays()).map(({ bytes, seconds }) => bytes / 1e6 / seconds) as [
    number,
    number,
  ];
  return { name: 'loki.push', value, unit: 'MB/s', baseline, ratio: value / baseline };
}

/** CPU seconds for each GB of the same. */
export async function lokiPushCpu(): Promise<Figure> {
  const [value, baseline] = (await pushBothWays()).map(({ bytes, cpuSeconds }) => cpuSeconds / (bytes / 1e9)) as [
    number,
    number,
  ];
  return { name: 'loki.push_cpu', value, unit: 's/GB', baseline, ratio: baseline / value };
}

async function pushBothWays(): Promise<[Pushed, Pushed]> {
  const sink = startOn(LOAD_CORE, benchScript('loki-sink.js'), []);
  try {
    const [port] = (await once(sink.stdout!, 'data')) as [Buffer];
    const url = `http://127.0.0.1:${String(port).trim()}`;
    const push = (encoding: string, batches: string): Promise<Pushed> =>
      runOn<Pushed>(SERVER_CORE, benchScript('loki-push-load.js'), [url, encoding, batches]);
    return [await push('protobuf', '150'), await push('json', '60')];
  } finally {
    sink.kill();
  }
}
