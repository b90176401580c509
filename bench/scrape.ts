import type { Figure } from './figure.js';
import type { PacedResult } from './paced-result.js';
import { quantile } from './quantile.js';
import { exporterSession, promClientSession, type Session } from './scrape-session.js';

/** So many times each, because other programs of the machine disturb one run in so many. */
const RUNS = 3;

interface Pair {
  exporter: Session;
  promClient: Session;
}

/** The same runs serve all figures that are asked for: each takes over a minute. */
let pairs: Promise<Pair[]> | null = null;

async function runAll(): Promise<Pair[]> {
  const done: Pair[] = [];
  while (done.length < RUNS) done.push({ promClient: await promClientSession(), exporter: await exporterSession() });
  return done;
}

/** The middle one of the runs by ratio. */
async function median(figureOf: (pair: Pair) => Figure): Promise<Figure> {
  pairs ??= runAll();
  const figures = (await pairs).map(figureOf);
  return figures.sort((a, b) => a.ratio - b.ratio)[RUNS >>> 1]!;
}

/**
 * Seconds from asking for some 390,000 series to the last byte, gzipped, the median of the scrapes of 20 s,
 * while 20,000 records a second come in. Baseline: prom-client with as many series under the same load.
 */
export function scrapeTotal(): Promise<Figure> {
  return median(({ exporter, promClient }) => {
    const value = medianScrape(exporter.scraped);
    const baseline = medianScrape(promClient.scraped);
    return { name: 'scrape.total', value, unit: 's', baseline, ratio: baseline / value };
  });
}

/** The longest time for which the event loop did nothing else in those 20 s, ms. */
export function scrapeLongestBlock(): Promise<Figure> {
  return median(({ exporter, promClient }) => {
    const value = exporter.longestBlock;
    const baseline = promClient.longestBlock;
    return { name: 'scrape.longest_block', value, unit: 'ms', baseline, ratio: baseline / value };
  });
}

/**
 * The latency that one in a hundred of the requests exceeds that wait while a scrape is under way, ms, counted
 * from when each was due. Baseline: the same ingest on the same exporter without a scrape.
 */
export function ingestP99DuringScrape(): Promise<Figure> {
  return median(({ exporter: { quiet, scraped } }) => {
    const value = quantile(0.99, latenciesDuringScrapes(scraped));
    const baseline = quantile(0.99, (quiet?.requests ?? []).map(latency));
    return { name: 'ingest.p99_during_scrape', value, unit: 'ms', baseline, ratio: baseline / value };
  });
}

function medianScrape({ scrapes }: PacedResult): number {
  return quantile(
    0.5,
    scrapes.map(({ began, ended }) => (ended - began) / 1000),
  );
}

function latenciesDuringScrapes({ requests, scrapes }: PacedResult): number[] {
  return requests
    .filter(({ due, answered }) => scrapes.some(({ began, ended }) => due < ended && answered > began))
    .map(latency);
}

function latency({ due, answered }: PacedResult['requests'][number]): number {
  return answered - due;
}
