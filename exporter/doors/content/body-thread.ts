import { parentPort, workerData } from 'node:worker_threads';
import { HttpProblem } from '../../http/problems.js';
import type { BodyJob, ContentSettings, ThreadMessage, ThreadRecord } from './thread-messages.js';
import { ThreadReading } from './thread-reading.js';

/** The program of a thread that reads large bodies: one at a time, its records handed over as they are read. */
const port = parentPort!;
const reading = new ThreadReading(workerData as ContentSettings);

port.on('message', (job: BodyJob) => {
  try {
    for (const records of reading.read(job)) {
      tell({ kind: 'records', records }, contentsOf(records));
    }
    tell({ kind: 'end', problem: null }, []);
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    tell({ kind: 'end', problem: { name: error.problem, detail: error.message } }, []);
  }
});

function tell(message: ThreadMessage, handedOver: readonly ArrayBuffer[]): void {
  port.postMessage(message, handedOver);
}

/** The memory of contents, which goes over as it is instead of being copied. */
function contentsOf(records: readonly ThreadRecord[]): ArrayBuffer[] {
  return records.flatMap(({ prepared }) => (prepared?.bytes ? [prepared.bytes.buffer as ArrayBuffer] : []));
}
