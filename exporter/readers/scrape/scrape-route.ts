import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Request, Response } from 'express';
import type { MetricsProjection } from '../../projections/metrics/projection.js';
import type { OwnMetrics } from '../../telemetry/own-metrics.js';
import { renderExposition } from './exposition.js';
import { acceptsGzip, CONTENT_TYPES, negotiateFormat } from './negotiate.js';

export interface ScrapeDeps {
  readonly projection: MetricsProjection;
  readonly own: OwnMetrics;
  /** The arrival clock, ms: the one that calls are applied with, and that never goes back. */
  readonly now: () => number;
  /**
   * Awaited before a scrape shows a counter for the first time: makes durable that the arrival clock
   * has come to `nowMs`. Where it fails the scrape is answered 500, and the next one asks again.
   */
  readonly beforeReveal?: (nowMs: number) => Promise<void>;
  /** How long a scraper may take nothing of its answer before it is cut off, ms. */
  readonly stalledAfterMs?: number;
  /** Told why a scrape failed; not told of scrapers that went away. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Each answer under way holds a copy of all numbers, which a scraper that stopped reading would hold for
 * ever. Prometheus gives up after its scrape_timeout, 10 s by default; only slow links need more.
 */
const STALLED_AFTER_MS = 60_000;

/**
 * `GET /metrics`: all series in the format and encoding that the scraper asks for. A failure before the
 * first byte is a 500; one after it breaks the connection off, so that half an answer cannot pass for whole.
 */
export function scrapeRoute(deps: ScrapeDeps): (req: Request, res: Response) => Promise<void> {
  return async (req, res) => {
    const began = performance.now();
    const format = negotiateFormat(req.get('accept'));
    const gzip = acceptsGzip(req.get('accept-encoding'));
    try {
      const chunks = await begin(deps, format);
      res.status(200).set({ 'Content-Type': CONTENT_TYPES[format], Vary: 'Accept, Accept-Encoding' });
      if (gzip) res.set('Content-Encoding', 'gzip');
      if (req.method === 'HEAD') {
        await chunks.return(undefined);
        res.end();
        return;
      }
      // Any progress on the connection begins the time anew.
      res.setTimeout(deps.stalledAfterMs ?? STALLED_AFTER_MS, () => res.destroy());
      // The pipeline waits for the slowest of them, and stops the render when the scraper goes away.
      const source = Readable.from(chunks, { highWaterMark: 1 });
      await (gzip ? pipeline(source, createGzip({ level: 1 }), res) : pipeline(source, res));
      deps.own.scrapeDuration.observe((performance.now() - began) / 1000);
    } catch (error) {
      if (isGoneAway(error)) return;
      deps.onError?.(error);
      if (res.headersSent || res.destroyed) res.destroy();
      else res.status(500).type('text/plain').send('The metrics could not be rendered; the log says why.\n');
    }
  };
}

/** A render whose first chunk is there already: what fails early fails before anything was sent. */
async function begin(
  deps: ScrapeDeps,
  format: 'text' | 'openmetrics',
): Promise<AsyncGenerator<string, void, undefined>> {
  const { projection, own } = deps;
  const nowMs = deps.now();
  if (projection.reveals(nowMs)) await deps.beforeReveal?.(nowMs);
  projection.noteRender(nowMs);
  own.series.set(projection.series);
  if (projection.epoch > 0) own.countersEpoch.set(projection.epoch);
  const families = await own.families();
  const chunks = renderExposition(projection.view(nowMs), families, format);
  const first = await chunks.next();
  return (async function* () {
    try {
      if (!first.done) yield first.value;
      yield* chunks;
    } finally {
      await chunks.return();
    }
  })();
}

function isGoneAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
