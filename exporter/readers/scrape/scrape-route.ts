import type { Request, Response } from 'express';
import { HttpProblem, sendProblem } from '../../http/problems.js';
import type { MetricsProjection } from '../../projections/metrics/projection.js';
import type { OwnMetrics, ScrapeResult } from '../../telemetry/own-metrics.js';
import { Answer } from './answer.js';
import { renderExposition } from './exposition.js';
import { acceptsGzip, CONTENT_TYPES, type ExpositionFormat, negotiateFormat } from './negotiate.js';
import { Renders } from './renders.js';
import { BodyFailed } from './shared-body.js';

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
  /** Told why a render failed; not told of scrapers that went away. */
  readonly onError?: (error: unknown) => void;
}

/** Prometheus gives up after its scrape_timeout, 10 s by default; only slow links need more. */
const STALLED_AFTER_MS = 60_000;
/** Answers under way at once: some pairs of Prometheus servers, and people who look. */
const MOST_SCRAPES = 16;

/**
 * `GET /metrics`: all series in the format and encoding that the scraper asks for. A failure before the
 * first byte is a 500; one after it breaks the connection off, so that half an answer cannot pass for whole.
 */
export function scrapeRoute(deps: ScrapeDeps): (req: Request, res: Response) => Promise<void> {
  const { own } = deps;
  const renders = new Renders({
    render: (format) => render(deps, format),
    onError: (error) => deps.onError?.(error),
  });
  let underWay = 0;

  async function answer(req: Request, res: Response): Promise<ScrapeResult> {
    const format = negotiateFormat(req.get('accept'));
    const gzip = acceptsGzip(req.get('accept-encoding'));
    const reader = renders.join(format, gzip);
    const sent = new Answer(res, reader, deps.stalledAfterMs ?? STALLED_AFTER_MS);
    try {
      return (await sent.send(() => setHeaders(res, format, gzip))) ? 'complete' : 'aborted';
    } catch (error) {
      if (!(error instanceof BodyFailed)) throw error;
      // Why was told once for all scrapers of this render.
      if (res.headersSent || res.destroyed) res.destroy();
      else res.status(500).type('text/plain').send('The metrics could not be rendered; the log says why.\n');
      return 'failed';
    } finally {
      own.scrapeBytes.inc(sent.bytes);
    }
  }

  return async (req, res) => {
    if (req.method === 'HEAD') {
      setHeaders(res, negotiateFormat(req.get('accept')), acceptsGzip(req.get('accept-encoding')));
      res.end();
      return;
    }
    if (underWay >= MOST_SCRAPES) {
      own.scrapes.inc({ result: 'refused' });
      sendProblem(res, new HttpProblem('too-many-scrapes', `${underWay} scrapes are being answered already.`));
      return;
    }
    const began = performance.now();
    underWay += 1;
    try {
      const result = await answer(req, res);
      own.scrapes.inc({ result });
      if (result === 'complete') own.scrapeDuration.observe((performance.now() - began) / 1000);
    } finally {
      underWay -= 1;
    }
  };
}

function setHeaders(res: Response, format: ExpositionFormat, gzip: boolean): void {
  res.status(200).set({ 'Content-Type': CONTENT_TYPES[format], Vary: 'Accept, Accept-Encoding' });
  if (gzip) res.set('Content-Encoding', 'gzip');
}

/** The numbers are of the moment at which the first text is asked for. */
async function* render(deps: ScrapeDeps, format: ExpositionFormat): AsyncGenerator<string, void, void> {
  const { projection, own } = deps;
  own.scrapeRenders.inc();
  const nowMs = deps.now();
  if (projection.reveals(nowMs)) await deps.beforeReveal?.(nowMs);
  projection.noteRender(nowMs);
  own.series.set(projection.series);
  if (projection.epoch > 0) own.countersEpoch.set(projection.epoch);
  const families = await own.families();
  yield* renderExposition(projection.view(nowMs), families, format);
}
