import { connect, type Socket } from 'node:net';
import { CallRecords } from './call-records.js';

/**
 * Sends one record a request over many connections, each waiting for its answer, and prints how long the
 * measured part took. Written on plain sockets, so that the sender is faster than any server it measures.
 * Arguments: url, connections, requests to warm up, requests to measure.
 */
const [url = '', connections = '64', warmUp = '20000', measured = '100000'] = process.argv.slice(2);
const { hostname, port, host } = new URL(url);
const records = new CallRecords(`single-${process.pid}`);
const EXPECTED = 'HTTP/1.1 202 ';

function requests(count: number): Buffer[] {
  const now = Date.now();
  return Array.from({ length: count }, () => {
    const body = JSON.stringify(records.next(now));
    const head = `POST /v1/calls HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    return Buffer.from(head + body);
  });
}

async function open(): Promise<Socket> {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

/** Sends all of them, each connection its next one when it has been answered. */
function sendAll(sockets: readonly Socket[], all: readonly Buffer[]): Promise<void> {
  let next = 0;
  let answered = 0;
  return new Promise((resolve, reject) => {
    for (const socket of sockets) {
      let received = '';
      const send = (): void => {
        if (next < all.length) socket.write(all[next++]!);
      };
      socket.removeAllListeners('data');
      socket.on('data', (data) => {
        received += data.toString('latin1');
        const head = received.indexOf('\r\n\r\n');
        if (head === -1) return;
        const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
        if (received.length < head + 4 + length) return;
        if (!received.startsWith(EXPECTED)) return reject(new Error(received.slice(0, 400)));
        received = '';
        answered += 1;
        if (answered === all.length) resolve();
        else send();
      });
      send();
    }
  });
}

const sockets = await Promise.all(Array.from({ length: Number(connections) }, open));
await sendAll(sockets, requests(Number(warmUp)));
const prepared = requests(Number(measured));
const started = performance.now();
await sendAll(sockets, prepared);
const seconds = (performance.now() - started) / 1000;
for (const socket of sockets) socket.destroy();
console.log(JSON.stringify({ records: prepared.length, seconds }));
