import { BodySender } from './body-sender.js';
import { CallRecords } from './call-records.js';

/**
 * Sends NDJSON bodies over a few connections and prints how long the measured part took.
 * Arguments: url, records a request, connections, requests to warm up, requests to measure, API keys a workspace.
 */
const [url = '', perRequest = '500', connections = '4', warmUp = '200', measured = '1200', keys = '5'] =
  process.argv.slice(2);
const records = new CallRecords(`bench-${process.pid}`, Number(keys));
const sender = new BodySender(url, Number(connections));

/** Made ahead, so that the sender costs no more than sending. */
function bodies(count: number): Buffer[] {
  const now = Date.now();
  return Array.from({ length: count }, () => records.body(Number(perRequest), now));
}

await sender.sendAll(bodies(Number(warmUp)));
const prepared = bodies(Number(measured));
const started = performance.now();
await sender.sendAll(prepared);
const seconds = (performance.now() - started) / 1000;
sender.close();
console.log(JSON.stringify({ records: prepared.length * Number(perRequest), seconds }));
