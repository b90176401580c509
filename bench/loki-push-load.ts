// Pushes log entries in batches of 4 MB, one after the other: loki-push-load.js URL ENCODING BATCHES
import { PUSH_DEFAULTS, PushClient } from '../exporter/projections/loki/push/push-client.js';
import { logEntries } from './log-entries.js';

const [url, encoding, batches] = process.argv.slice(2) as [string, 'protobuf' | 'json', string];
const CALLS = 500;
const WARM_UP = 15;

const nothing = (): void => {};
const client = new PushClient({
  ...PUSH_DEFAULTS,
  url,
  encoding,
  credentials: { kind: 'none' },
  tls: {},
  userAgent: 'bench',
  deadLetters: { add: () => Promise.reject(new Error('the sink refuses nothing')) },
  observer: { sent: nothing, answered: nothing, retried: nothing, stored: nothing, dead: nothing, trouble: nothing },
});
const entries = logEntries(CALLS, 1_700_000_000_000_000_000n);
// What the entries hold, whatever a format makes of it.
const bytes = entries.reduce(
  (sum, { line, metadata }) => sum + Buffer.byteLength(line) + Buffer.byteLength(metadata.flat().join('')),
  0,
);
const { signal } = new AbortController();
for (let i = 0; i < WARM_UP; i += 1) await client.push('', entries, signal);
const started = performance.now();
const cpu = process.cpuUsage();
for (let i = 0; i < Number(batches); i += 1) await client.push('', entries, signal);
const { user, system } = process.cpuUsage(cpu);
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ bytes: bytes * Number(batches), seconds, cpuSeconds: (user + system) / 1e6 }));
await client.close();
