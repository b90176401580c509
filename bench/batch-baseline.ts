import { CallRecords } from './call-records.js';
import { PromClientBaseline } from './prom-client-baseline.js';

/**
 * The bytes of the batch benchmark through JSON.parse and plain prom-client, in memory.
 * Arguments: records a request, requests to warm up, requests to measure.
 */
const [perRequest = '500', warmUp = '200', measured = '1200'] = process.argv.slice(2);
const records = new CallRecords('baseline');
const metrics = new PromClientBaseline();

function take(body: Buffer): void {
  for (const line of body.toString('utf8').split('\n')) if (line !== '') metrics.count(JSON.parse(line));
}

const now = Date.now();
for (let i = 0; i < Number(warmUp); i += 1) take(records.body(Number(perRequest), now));
let seconds = 0;
for (let i = 0; i < Number(measured); i += 1) {
  const body = records.body(Number(perRequest), now);
  const started = performance.now();
  take(body);
  seconds += (performance.now() - started) / 1000;
}
console.log(JSON.stringify({ records: Number(measured) * Number(perRequest), seconds }));
