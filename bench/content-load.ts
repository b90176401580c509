import { BodySender } from './body-sender.js';
import { ContentRecords } from './content-records.js';

/**
 * Sends NDJSON bodies of calls with content over a few connections and prints how long the measured part took.
 * Arguments: url, records a request, connections, requests to warm up, requests to measure.
 */
const [url = '', perRequest = '20', connections = '4', warmUp = '100', measured = '400'] = process.argv.slice(2);
const records = new ContentRecords(`bench-${process.pid}`);
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
