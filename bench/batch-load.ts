import { Agent, request } from 'node:http';
import { CallRecords } from './call-records.js';

/**
 * Sends NDJSON bodies over a few connections and prints how long the measured part took.
 * Arguments: url, records a request, connections, requests to warm up, requests to measure, API keys a workspace.
 */
const [url = '', perRequest = '500', connections = '4', warmUp = '200', measured = '1200', keys = '5'] =
  process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const records = new CallRecords(`bench-${process.pid}`, Number(keys));

function send(body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-ndjson', 'Content-Length': body.length };
    const sent = request(`${url}/v1/calls`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 202 ? resolve() : reject(new Error(`the exporter answered ${response.statusCode}`)),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Made ahead, so that the sender costs no more than sending. */
function bodies(count: number): Buffer[] {
  const now = Date.now();
  return Array.from({ length: count }, () => records.body(Number(perRequest), now));
}

async function sendAll(all: readonly Buffer[]): Promise<void> {
  let next = 0;
  const connection = async (): Promise<void> => {
    while (next < all.length) {
      const body = all[next]!;
      next += 1;
      await send(body);
    }
  };
  await Promise.all(Array.from({ length: Number(connections) }, connection));
}

await sendAll(bodies(Number(warmUp)));
const prepared = bodies(Number(measured));
const started = performance.now();
await sendAll(prepared);
const seconds = (performance.now() - started) / 1000;
agent.destroy();
console.log(JSON.stringify({ records: prepared.length * Number(perRequest), seconds }));
