import { join } from 'node:path';
import type { AlertHistoryOptions } from './alert-history.js';
import { AlertHistory } from './alert-history.js';
import { type NotifyDoorsOptions, notifyDoors } from './notify-doors.js';
import { RecordedAlerts } from './recorded-alerts.js';

type Options = Omit<NotifyDoorsOptions, 'history'> &
  Omit<AlertHistoryOptions, 'recorded'> & {
    dataDir: string;
    /** ms since the epoch. */
    wall: () => number;
    /** The memory of what was recorded cannot be used. */
    onUnreadable: () => void;
  };

/**
 * The doors with their memory, a file in the data directory.
 * @throws system errors
 */
export async function openNotifyDoors(options: Options): Promise<ReturnType<typeof notifyDoors>> {
  const file = join(options.dataDir, 'notify', 'alerts.json');
  const recorded = await RecordedAlerts.open(file, options.onUnreadable, options.wall);
  return notifyDoors({ ...options, history: new AlertHistory({ ...options, recorded }) });
}
