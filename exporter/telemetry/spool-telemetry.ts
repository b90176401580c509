import type { SpoolObserver } from '../spool/spool.js';
import type { Logger } from './log.js';
import type { OwnMetrics } from './own-metrics.js';

/** Turns what happens in the spool into metrics and log lines. */
export function spoolTelemetry(own: OwnMetrics, log: Logger): SpoolObserver {
  return {
    recovered(report) {
      const { frames, seconds, snapshotSequence, lastSequence, cutBytes, repeated } = report;
      own.snapshotFailures.inc(0);
      for (const problem of report.problems) log.warn({ problem }, 'Part of the saved state cannot be used');
      for (const { file, bytes } of report.setAside) {
        own.spoolSetAside.inc();
        own.spoolSetAsideBytes.inc(bytes);
        log.error({ file, bytes }, 'A damaged part of the spool was set aside');
      }
      for (const reason of report.newEpoch) {
        log.error({ reason }, 'All call counters begin again at 0: what they showed cannot be continued exactly');
      }
      if (cutBytes > 0) log.info({ cutBytes }, 'An unfinished last write, never acknowledged, was cut off');
      log.info(
        { frames, repeated, snapshotSequence, lastSequence, seconds: Number(seconds.toFixed(3)) },
        'Recovered from the data directory',
      );
    },
    committed(records, _bytes, seconds) {
      own.commitDuration.observe(seconds);
      own.commitRecords.observe(records);
    },
    commitFailed(error, intact) {
      own.commitFailures.inc();
      log.error({ err: error, intact }, 'The spool could not write; clients are asked to send again');
    },
    snapshotSaved(sequence, seconds) {
      own.snapshotTimestamp.set(Date.now() / 1000);
      own.snapshotDuration.set(seconds);
      log.debug({ sequence, seconds }, 'Snapshot saved');
    },
    snapshotFailed(error) {
      own.snapshotFailures.inc();
      log.error({ err: error }, 'A snapshot could not be saved; the spool keeps its segments and tries again');
    },
    diskReserve(reached) {
      if (reached !== null) log.error({ reason: reached.message }, 'No records are taken: the disk is nearly full');
      else log.info('The disk has room again: records are taken');
    },
    skipped(cursor, { segments, records, bytes, reason }) {
      log.error({ cursor, reason, segments, records, bytes }, 'Records were skipped: they will not be in the logs');
    },
    framesMissing(cursor, frames) {
      log.error({ cursor, frames }, 'Frames are damaged or gone: they will not be in the logs');
    },
    cursorReset(cursor, position, reason) {
      log.warn({ cursor, position, reason }, 'The saved position cannot be used: some records may be sent again');
    },
    cursorRemoved(cursor) {
      log.info({ cursor }, 'Nobody reads by this cursor any more: it was removed and holds no segments');
    },
    cursorFailed(error) {
      log.error({ err: error }, 'The position of a cursor could not be saved, or segments not be read or deleted');
    },
  };
}
