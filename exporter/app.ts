import type { Call } from './call/call.js';
import { Pricing } from './call/pricing.js';
import { RECORD_FIELDS } from './call/record.js';
import type { Settings } from './config/settings.js';
import { Callers } from './doors/caller.js';
import { callsDoor, DOOR } from './doors/calls/calls-door.js';
import { ContentIntake } from './doors/content/content-intake.js';
import { Intake } from './doors/intake.js';
import { openNotifyDoors } from './doors/notify/open-notify-doors.js';
import { authorize } from './http/authorize.js';
import { InFlight } from './http/in-flight.js';
import { HttpServer } from './http/server.js';
import { Tokens } from './http/tokens.js';
import { LOKI_CURSOR, LokiProjection } from './projections/loki/loki-projection.js';
import { DurableMetrics } from './projections/metrics/durable-metrics.js';
import { runbookRoutes } from './readers/runbooks/runbooks.js';
import { scrapeRoute } from './readers/scrape/scrape-route.js';
import { WITHHELD_REASONS } from './redaction/work.js';
import { ArrivalClock } from './spool/arrival-clock.js';
import { DataDirectory } from './spool/data-directory.js';
import { type Files, nodeFiles } from './spool/files.js';
import { IdHash } from './spool/id-hash.js';
import type { LockLost } from './spool/lock.js';
import { Spool } from './spool/spool.js';
import { contentTelemetry } from './telemetry/content-telemetry.js';
import { doorTelemetry } from './telemetry/door-telemetry.js';
import { watchEventLoop } from './telemetry/event-loop-lag.js';
import type { Logger } from './telemetry/log.js';
import { LokiTelemetry } from './telemetry/loki-telemetry.js';
import { notifyTelemetry } from './telemetry/notify-telemetry.js';
import { OwnMetrics } from './telemetry/own-metrics.js';
import { spoolTelemetry } from './telemetry/spool-telemetry.js';
import { VERSION } from './version.js';

export interface App {
  /** The port it listens on. */
  port: number;
  /** Answers what was accepted, makes all of it durable, and lets go of the data directory. */
  stop(): Promise<void>;
}

/** Seams for tests: a disk that fills up, a clock that is set back. */
export interface Surroundings {
  files?: Files;
  wall?: () => number;
  /** The data directory is no longer this process's. */
  onLockLost?: LockLost;
}

/**
 * Puts the house together: doors → intake → spool → metrics → scrape, and spool → Loki.
 * @throws DirectoryInUseError, DataDirectoryError, NewerSegmentError, system errors of the listen address
 */
export async function startApp(settings: Settings, log: Logger, surroundings: Surroundings = {}): Promise<App> {
  const { files = nodeFiles, wall = Date.now, onLockLost = () => {} } = surroundings;
  const { limits, loki, metrics, monitoring, quotas, notify } = settings;
  const own = new OwnMetrics({ version: VERSION });
  const clock = new ArrivalClock(0, wall);
  const projection = new DurableMetrics({ ...metrics, quotas });
  const directory = await DataDirectory.open(settings.dataDir, onLockLost);
  let spool: Spool<Call> | null = null;
  let logs: LokiProjection | null = null;
  let content: ContentIntake | null = null;
  try {
    const observer = spoolTelemetry(own, log);
    if (directory.keysAreNew) {
      log.warn(
        'keys.json was missing, new keys were made: records sent again from before count twice, and hashed key ids change',
      );
    }
    const cursors =
      loki === null ? [] : [{ name: LOKI_CURSOR, budgetBytes: loki.backlogBytes, budgetAgeMs: loki.backlogAgeMs }];
    spool = await Spool.open({ ...settings.spool, directory, files, clock, projection, observer, cursors });

    const idHash = new IdHash(directory.idKey);
    const { apikeyAliases, lateAfterMs } = settings.calls;
    const callers = new Callers({ idHash, secretKey: directory.secretKey, apikeyAliases, monitoring });
    const pricing = new Pricing(settings.pricing);
    content = new ContentIntake({
      logs: settings.logs,
      redaction: settings.redaction,
      hasLoki: loki !== null,
      hashKey: directory.secretKey,
      ...contentTelemetry(own, log, Object.values(WITHHELD_REASONS)),
    });
    const taken = content;
    const intake = new Intake({ spool, clock, wall, idHash, callers, pricing, lateAfterMs, content });
    const inFlight = new InFlight(limits.inFlightBytes);
    const tokens = new Tokens(settings.auth);
    const scrape = scrapeRoute({
      projection: projection.series,
      own,
      now: () => clock.now(),
      beforeReveal: async (now) => directory.noteClock(now),
      onError: (error) => log.error({ err: error }, 'A scrape failed'),
    });
    const opened = spool;
    const notifying = await openNotifyDoors({
      ...{ dataDir: settings.dataDir, wall, spool, clock, idHash, inFlight, limits, robots: notify.robots },
      authorize: (request, scope) => authorize(tokens, request, scope),
      refusal: () => opened.refusal,
      observer: notifyTelemetry(own, log, notify.robots.keys()),
      onUnreadable: () =>
        log.warn('notify/alerts.json cannot be used: alerts that fire now may be in the history twice'),
    });
    const server = new HttpServer({
      requestTimeoutMs: limits.requestTimeoutMs,
      calls: callsDoor({
        intake,
        inFlight,
        limits,
        authorize: (request, scope) => authorize(tokens, request, scope).workspace,
        refusal: () => opened.refusal,
        observer: doorTelemetry(own, log, new Set(RECORD_FIELDS)),
      }),
      metrics: (request, response) => {
        authorize(tokens, request, 'scrape');
        return scrape(request, response);
      },
      notify: notifying,
      runbooks: runbookRoutes(),
      trouble: () => opened.trouble,
      detail: () => logsDetail(logs),
      onError: (error) => log.error({ err: error }, 'A request failed inside the exporter'),
    });
    own.openDoor(DOOR);
    own.inFlightLimit.set(limits.inFlightBytes);
    own.spoolFreeDiskReserve.set(settings.spool.freeDiskReserveBytes);
    own.onCollect(() => observe(own, opened, inFlight));
    if (loki !== null) {
      const observer = new LokiTelemetry(own, log);
      const begun = new LokiProjection({
        cursor: opened.cursor(LOKI_CURSOR),
        loki,
        dataDir: settings.dataDir,
        userAgent: `model-observation/${VERSION}`,
        observer,
      });
      own.onCollect(() => observer.observe(begun.state));
      logs = begun;
    }
    const port = await server.listen(settings.listen);
    const endWatch = watchEventLoop(own);
    return {
      port,
      async stop() {
        await server.stop();
        endWatch();
        await taken.close();
        await close(logs, opened, directory);
      },
    };
  } catch (error) {
    await content?.close();
    // What kept it from starting is the news, not what that did to the rest.
    await close(logs, spool, directory).catch((err: unknown) =>
      log.error({ err }, 'The data directory could not be closed'),
    );
    throw error;
  }
}

/** The lock goes last, and goes even where the spool cannot be closed in order. */
async function close(logs: LokiProjection | null, spool: Spool<Call> | null, directory: DataDirectory): Promise<void> {
  try {
    await logs?.stop();
    await spool?.close();
  } finally {
    await directory.release();
  }
}

/** Said to whoever asks, so without Loki's address or words. */
function logsDetail(logs: LokiProjection | null): string | null {
  if (logs === null) return null;
  const { isTroubled, backlog } = logs.state;
  if (!isTroubled) return null;
  return `Logs wait: Loki does not take them, and the log of the exporter says why. Records that wait: ${backlog.frames}.`;
}

/** Gauges that are read off at each scrape. */
function observe(own: OwnMetrics, spool: Spool<Call>, inFlight: InFlight): void {
  const state = spool.state;
  own.inFlightBytes.set(inFlight.bytes + state.pendingBytes);
  own.spoolBytes.set(state.bytes);
  own.spoolSegments.set(state.segments);
  own.spoolDurableSequence.set(state.durableSequence);
  for (const [cursor, lag] of Object.entries(state.cursorLags)) own.cursorLag.set({ cursor }, lag);
  if (Number.isFinite(state.freeBytes)) own.spoolFreeBytes.set(state.freeBytes);
  own.duplicateWindow.set(state.windowCoverageMs / 1000);
  own.duplicateWindowIds.set(state.windowIds);
}
