import { alertsCompile, alertsEvaluation } from './alert-rules.js';
import { dashboardsQuery } from './dashboards.js';
import { type Figure, figureLine, medianOfThree } from './figure.js';
import { ingestBatch } from './ingest-batch.js';
import { ingestContent } from './ingest-content.js';
import { ingestLongestBlock } from './ingest-longest-block.js';
import { ingestSingle } from './ingest-single.js';
import { lokiPush, lokiPushCpu } from './loki-push.js';
import { memoryPerLine } from './memory-per-line.js';
import { pinned } from './processes.js';
import { recovery } from './recovery.js';
import { redact } from './redact.js';
import { ingestP99DuringScrape, scrapeLongestBlock, scrapeTotal } from './scrape.js';

const BENCHMARKS: Readonly<Record<string, () => Promise<Figure>>> = {
  'ingest.batch': () => medianOfThree(ingestBatch),
  'ingest.single': ingestSingle,
  'ingest.content': () => medianOfThree(ingestContent),
  'ingest.longest_block': () => medianOfThree(ingestLongestBlock),
  recovery,
  redact,
  'scrape.total': scrapeTotal,
  'scrape.longest_block': scrapeLongestBlock,
  'ingest.p99_during_scrape': ingestP99DuringScrape,
  'memory.per_line': memoryPerLine,
  'alerts.compile': alertsCompile,
  'alerts.evaluation': alertsEvaluation,
  'loki.push': () => medianOfThree(lokiPush),
  'loki.push_cpu': () => medianOfThree(lokiPushCpu),
  'dashboards.query': dashboardsQuery,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => BENCHMARKS[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exit(2);
}
if (!pinned) console.error('Processes cannot be pinned to a core each here (taskset, two cores): figures are rough.');
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(figureLine(await run()));
}
