import { createHash } from 'node:crypto';
import type { Call } from '../../call/call.js';
import { encodeNotification, type Notification } from '../../call/notification.js';
import type { ArrivalClock } from '../../spool/arrival-clock.js';
import { FRAME_KINDS } from '../../spool/frame.js';
import type { Group } from '../../spool/group.js';
import type { IdHash } from '../../spool/id-hash.js';
import type { Spool } from '../../spool/spool.js';
import type { RecordedAlerts } from './recorded-alerts.js';

export interface AlertHistoryOptions {
  spool: Pick<Spool<Call>, 'append' | 'pending' | 'remembers'>;
  clock: Pick<ArrivalClock, 'now'>;
  idHash: IdHash;
  recorded: RecordedAlerts;
}

/** Ids of calls are hashed within a workspace, whose own hash begins with 0. */
const SEED = 1;

/**
 * Every alert's start and end in the spool, each once, however often Alertmanager tells of it. Two memories see to that: the
 * duplicate window, which a frame enters as it becomes durable, and `RecordedAlerts`, which lasts as long as an alert fires. The
 * second is written before the answer; a crash between the two is made good by the first.
 */
export class AlertHistory {
  constructor(private readonly options: AlertHistoryOptions) {}

  /**
   * Returns when all of them are durable, with how many were not there before.
   * @throws CommitError, system errors: the same may be sent again
   */
  async record(notifications: readonly Notification[]): Promise<number> {
    const { spool, clock, idHash, recorded } = this.options;
    const groups = new Set<Group<Call>>();
    const ids: string[] = [];
    let fresh = 0;
    idHash.hash(SEED, 0, 'notification');
    const [seedLow, seedHigh] = [idHash.low, idHash.high];
    for (const notification of notifications) {
      const key = keyOf(notification);
      const id = createHash('sha256').update(key).digest('base64url').slice(0, 22);
      ids.push(id);
      if (recorded.has(id)) continue;
      idHash.hash(seedLow, seedHigh, key);
      const { low, high } = idHash;
      const pending = spool.pending(low, high);
      if (pending !== null) groups.add(pending);
      else if (!spool.remembers(low, high)) {
        const meta = encodeNotification(notification);
        groups.add(spool.append(FRAME_KINDS.notification, clock.now(), low, high, meta, null, null));
        fresh += 1;
      }
    }
    for (const group of groups) await group.durable;
    await recorded.note(ids);
    return fresh;
  }
}

/** One alert, start and status: the same key. */
function keyOf({ fingerprint, labels, startsAt, status }: Notification): string {
  const alert = fingerprint !== '' ? fingerprint : Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([alert, startsAt, status]);
}
