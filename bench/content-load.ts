import { Agent, request } from 'node:http';
import { ContentRecords } from './content-records.js';

/**
 * Sends NDJSON bodies of calls with content over a few connections and prints how long the measured part took.
 * Arguments: url, records a request, connections, requests to warm up, requests to measure.
 */
const [url = '', perRequest = '20', connections = '4', warmUp = '100', measured = '400'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const records = new ContentRecords(`bench-${process.pid}`);

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

async function sendAll(count: number): Promise<number> {
  const now = Date.now();
  // Made ahead, so that the sender costs no more than sending.
  const bodies = Array.from({ length: count }, () => records.body(Number(perRequest), now));
  const started = performance.now();
  const connection = async (): Promise<void> => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await send(body);
  };
  await Promise.all(Array.from({ length: Number(connections) }, connection));
  return (performance.now() - started) / 1000;
}

await sendAll(Number(warmUp));
const seconds = await sendAll(Number(measured));
agent.destroy();
console.log(JSON.stringify({ records: Number(measured) * Number(perRequest), seconds }));
