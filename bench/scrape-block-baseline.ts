import { CallRecords } from './call-records.js';
import { PromClientBaseline } from './prom-client-baseline.js';
import { seriesIn } from './series-scale.js';

/** How long prom-client blocks for one scrape of these series, ms. Arguments: records, API keys a workspace. */
const [count = '100000', keys = '5'] = process.argv.slice(2);
const records = new CallRecords('baseline', Number(keys));
const metrics = new PromClientBaseline();
const now = Date.now();
for (let i = 0; i < Number(count); i += 1) metrics.count(JSON.parse(JSON.stringify(records.next(now))));
await metrics.complete();
let longest = 0;
let lines = 0;
for (let i = 0; i < 3; i += 1) {
  const started = performance.now();
  const text = await metrics.registry.metrics();
  longest = Math.max(longest, performance.now() - started);
  lines = seriesIn(text);
}
console.log(JSON.stringify({ longest, lines }));
