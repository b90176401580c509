import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { CallRecords } from './call-records.js';
import { PromClientBaseline } from './prom-client-baseline.js';

/**
 * prom-client behind a bare HTTP server: counts the records that are sent to it in memory, and answers
 * scrapes with all series, gzipped where that is asked for, as fast as the exporter gzips (level 1).
 * Arguments: port, records that give birth to the series, API keys a workspace.
 */
const [port = '0', births = '250000', keys = '5'] = process.argv.slice(2);
const zip = promisify(gzip);
const metrics = new PromClientBaseline();
const records = new CallRecords('births', Number(keys));
const now = Date.now();
for (let i = 0; i < Number(births); i += 1) metrics.count(JSON.parse(JSON.stringify(records.next(now))));
await metrics.complete();

async function take(request: IncomingMessage): Promise<void> {
  const body = await buffer(request);
  for (const line of body.toString('utf8').split('\n')) if (line !== '') metrics.count(JSON.parse(line));
}

const server = createServer(async (request, response) => {
  if (request.method === 'POST') {
    await take(request);
    response.writeHead(202, { 'Content-Type': 'application/json' });
    response.end('{"accepted":1,"duplicates":0,"late":0,"rejected":[]}');
    return;
  }
  const text = await metrics.registry.metrics();
  response.setHeader('Content-Type', metrics.registry.contentType);
  if (request.headers['accept-encoding'] !== 'gzip') {
    response.end(text);
    return;
  }
  response.setHeader('Content-Encoding', 'gzip');
  response.end(await zip(text, { level: constants.Z_BEST_SPEED }));
});
// Longer than it is ever blocked.
server.keepAliveTimeout = 60_000;
server.listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
