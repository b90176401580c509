import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { BestEffortCursor, CursorLag } from '../../spool/cursors/best-effort-cursor.js';
import type { SkipReason } from '../../spool/cursors/cursor-file.js';
import type { Destination } from './destination.js';
import { backOff } from './push/back-off.js';
import type { ShippingNews } from './shipping-news.js';
import type { ShippingOrder } from './worker.js';

/** The cursor in the spool by which the logs are read. */
export const LOKI_CURSOR = 'loki';

export interface LokiProjectionOptions {
  cursor: BestEffortCursor;
  loki: Destination;
  dataDir: string;
  /** Who we are to Loki. */
  userAgent: string;
  observer: LokiObserver;
}

export interface LokiObserver {
  news(news: ShippingNews): void;
  /** The thread has ended by itself; another one is started after so long. */
  died(error: Error, restartMs: number): void;
}

/** How the logs stand, for gauges and for who asks whether all is well. */
export interface LokiState {
  /** What has still to go to Loki. */
  readonly backlog: CursorLag;
  /** Records that will not be in the logs, by reason; kept over restarts. */
  readonly skipped: Readonly<Record<SkipReason | 'missing', number>>;
  /** Something is in the way; the log says what. */
  readonly isTroubled: boolean;
}

/** How long the thread may take to end. It gives itself less. */
const STOP_MS = 5000;
/** A thread that ran so long died of something else than the one before. */
const STEADY_MS = 60_000;
/** One record and its entries, and what is outstanding, have room in it, MB. What does not kills the thread, and not the process. */
const HEAP_MB = 512;

/**
 * The logs: a thread of its own brings what is in the spool to Loki. Whatever happens there, records are taken and counted; the thread is
 * started again when it dies, and begins where the cursor stands.
 */
export class LokiProjection {
  readonly #options: LokiProjectionOptions;
  #worker: Worker | null = null;
  #ended: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | null = null;
  #failures = 0;
  #troubles: ShippingNews['troubles'] = {};
  #isStopping = false;

  constructor(options: LokiProjectionOptions) {
    this.#options = options;
    this.#start();
  }

  get state(): LokiState {
    const { cursor } = this.#options;
    const { bytes, age, disk } = cursor.skipped;
    return {
      backlog: cursor.lag,
      skipped: { bytes: bytes.records, age: age.records, disk: disk.records, missing: cursor.missing },
      isTroubled: this.#worker === null || Object.keys(this.#troubles).length > 0,
    };
  }

  /** Lets the thread send what it can within a moment, and ends it: to be called before the spool is closed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === null) return;
    worker.postMessage('stop');
    const timer = new AbortController();
    const late = delay(STOP_MS, 'late', { signal: timer.signal }).catch(() => {});
    if ((await Promise.race([this.#ended, late])) === 'late') await worker.terminate();
    timer.abort();
  }

  #start(): void {
    const { cursor, loki, dataDir, userAgent, observer } = this.#options;
    const started = performance.now();
    const order: ShippingOrder = { port: cursor.attach(), loki, folder: join(dataDir, 'loki'), userAgent };
    const worker = new Worker(workerFile(), {
      workerData: order,
      name: 'loki',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    this.#worker = worker;
    let reason = new Error('The thread ended without a word');
    worker.on('message', (news: ShippingNews) => {
      this.#troubles = news.troubles;
      observer.news(news);
    });
    worker.on('error', (error) => {
      reason = error;
    });
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#worker = null;
        resolve();
        if (this.#isStopping) return;
        if (performance.now() - started > STEADY_MS) this.#failures = 0;
        // Never at once: a thread that cannot start would keep the process busy.
        const restartMs = 500 + Math.round(backOff(this.#failures, Math.random));
        this.#failures += 1;
        observer.died(reason, restartMs);
        this.#restart = setTimeout(() => this.#start(), restartMs);
      });
    });
  }
}

/** Threads run what was built, also where a test runs the sources. */
function workerFile(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(isSource ? '../../../dist/exporter/projections/loki/worker.js' : './worker.js', import.meta.url);
}
