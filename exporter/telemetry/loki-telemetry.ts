import type { LokiObserver, LokiState } from '../projections/loki/loki-projection.js';
import { ANSWER_CLASSES } from '../projections/loki/push/answers.js';
import type { ShippingNews } from '../projections/loki/shipping-news.js';
import type { Logger } from './log.js';
import type { OwnMetrics } from './own-metrics.js';

/** Why a cursor passed records over: see its budgets; `disk` = the disk was nearly full. */
const CURSOR_REASONS = ['bytes', 'age', 'disk', 'missing'] as const;
/** The same trouble is told again after so long, ms. */
const TELL_AGAIN_MS = 60_000;

/** Turns what happens between the spool and Loki into metrics and log lines. */
export class LokiTelemetry implements LokiObserver {
  /** By tenant: what was told, and when. */
  readonly #told = new Map<string, { text: string; at: number }>();
  /** What of the cursor's counts is in the metric. */
  readonly #skipped = { bytes: 0, age: 0, disk: 0, missing: 0 };

  constructor(
    private readonly own: OwnMetrics,
    private readonly log: Logger,
  ) {
    for (const answer of ANSWER_CLASSES) own.lokiPushes.inc({ answer }, 0);
    for (const stage of ['before', 'after']) own.lokiPushBytes.inc({ stage }, 0);
    for (const result of ['stored', 'dead']) own.lokiEntries.inc({ result }, 0);
    for (const reason of [...CURSOR_REASONS, 'unreadable']) own.lokiSkippedRecords.inc({ reason }, 0);
  }

  news(news: ShippingNews): void {
    const { own, log } = this;
    for (const [answer, seconds] of news.answers) {
      own.lokiPushes.inc({ answer });
      own.lokiPushDuration.observe(seconds);
    }
    own.lokiPushBytes.inc({ stage: 'before' }, news.plainBytes);
    own.lokiPushBytes.inc({ stage: 'after' }, news.compressedBytes);
    own.lokiEntries.inc({ result: 'stored' }, news.stored);
    own.lokiEntries.inc({ result: 'dead' }, news.dead);
    own.lokiRetries.inc(news.retries);
    own.lokiDeadLetters.set(news.deadLetters);
    if (news.dead > 0) {
      log.error({ entries: news.dead }, 'Loki refused entries for good: they are kept in the dead letters');
    }
    if (news.deadLettersDropped > 0) {
      log.error({ entries: news.deadLettersDropped }, 'Dead letters were removed: there is no room for more');
    }
    if (news.unreadableCount > 0) {
      own.lokiSkippedRecords.inc({ reason: 'unreadable' }, news.unreadableCount);
      const { unreadable: sequences, unreadableCount: records } = news;
      log.error({ records, sequences }, 'Records cannot be read by this version: they will not be in the logs');
    }
    if (news.labelsLost) log.warn('The labels of models could not be read, and are chosen anew');
    this.#tell(news.troubles);
  }

  died(error: Error, restartMs: number): void {
    this.log.error({ err: error, restartMs }, 'The thread that writes to Loki died; another one goes on');
  }

  /** Gauges, and counts that the cursor keeps, read off at each scrape. */
  observe({ backlog, skipped }: LokiState): void {
    const { own } = this;
    own.lokiBacklogEntries.set(backlog.frames);
    own.lokiBacklogBytes.set(backlog.bytes);
    own.lokiBacklogAge.set(backlog.ageMs / 1000);
    for (const reason of CURSOR_REASONS) {
      own.lokiSkippedRecords.inc({ reason }, skipped[reason] - this.#skipped[reason]);
      this.#skipped[reason] = skipped[reason];
    }
  }

  #tell(troubles: ShippingNews['troubles']): void {
    const { log } = this;
    const now = performance.now();
    for (const [tenant, text] of Object.entries(troubles)) {
      const told = this.#told.get(tenant);
      if (told?.text === text && now - told.at < TELL_AGAIN_MS) continue;
      this.#told.set(tenant, { text, at: now });
      log.warn({ ...(tenant !== '' && { tenant }), reason: text }, 'Logs wait for Loki');
    }
    for (const tenant of this.#told.keys()) {
      if (Object.hasOwn(troubles, tenant)) continue;
      this.#told.delete(tenant);
      log.info({ ...(tenant !== '' && { tenant }) }, 'Loki takes logs again');
    }
  }
}
