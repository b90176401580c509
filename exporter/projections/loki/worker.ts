import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type CursorPort, FrameReader } from '../../spool/cursors/frame-reader.js';
import { DeadLetters } from './dead-letters.js';
import type { Destination } from './destination.js';
import { ModelLabelsFile } from './model-labels-file.js';
import { systemClock } from './push/clock.js';
import { PushClient } from './push/push-client.js';
import { Shipper } from './shipper.js';
import { NewsDesk } from './shipping-news.js';
import { tenantOfWorkspace } from './tenant.js';

/** What the thread is given. */
export interface ShippingOrder {
  readonly port: CursorPort;
  readonly loki: Destination;
  readonly folder: string;
  readonly userAgent: string;
}

/** What may go out after a stop, while nothing is in the way, ms. */
const GRACE_MS = 1500;
/** How often it looks at the dead letters. */
const LOOK_MS = 30_000;

// The thread that brings the spool to Loki. It says `ShippingNews`, and ends at any message.
const { port, loki, folder, userAgent } = workerData as ShippingOrder;
const parent = parentPort!;

const letters = await DeadLetters.open({
  folder: join(folder, 'dead-letters'),
  maxBytes: loki.deadLetterBytes,
  owner: true,
});
const desk = new NewsDesk((news) => parent.postMessage(news), letters);
const file = await ModelLabelsFile.open(join(folder, 'labels.json'), () => desk.labelsLost());
const client = PushClient.to(loki, { userAgent, deadLetters: letters, observer: desk });
const reader = new FrameReader(port);
const shipper = new Shipper({
  reader,
  push: (tenant, entries, signal) => client.push(tenant, entries, signal),
  labels: file.labels,
  saveLabels: () => file.save(),
  async bury(entry, tenant, reason) {
    await letters.add(entry, tenant, reason);
    desk.dead(1, tenant);
  },
  tenantOf: (workspace) => (loki.tenantPerWorkspace ? tenantOfWorkspace(workspace) : loki.tenant),
  observer: desk,
  clock: systemClock,
  random: Math.random,
});
parent.on('message', () => void shipper.stop(desk.isTroubled ? 0 : GRACE_MS));
desk.flush();
// Another process may have sent letters meanwhile.
const look = setInterval(() => {
  void letters
    .refresh()
    .then(() => desk.flush())
    .catch(() => {});
}, LOOK_MS);
await shipper.run();
clearInterval(look);
shipper.abort();
await reader.close();
await client.close();
await letters.close();
desk.flush();
parent.close();
