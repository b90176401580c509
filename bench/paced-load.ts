import { Agent, get, type IncomingMessage, request } from 'node:http';
import { CallRecords } from './call-records.js';
import type { PacedResult, TimedScrape } from './paced-result.js';

/**
 * Sends NDJSON bodies at a fixed rate, whatever becomes of the answers, and scrapes meanwhile, one scrape
 * after the other with a pause between. Latency counts from the moment at which a request was due, so a server
 * that stands still for a while is late with all that was due in that time, not with one.
 * Arguments: url, records a request, requests a second, seconds, API keys a workspace, encoding of the
 * scrapes (`gzip`, `identity`; `none` = no scrapes).
 */
const [url = '', perRequest = '100', rate = '200', seconds = '10', keys = '5', encoding = 'none'] =
  process.argv.slice(2);
const PAUSE_MS = 300;
const TICK_MS = 1;
/** More than are ever under way while the server keeps up, and enough for those that wait where it does not. */
const CONNECTIONS = 64;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const records = new CallRecords(`paced-${process.pid}`, Number(keys));
// Made ahead, so that the sender costs no more than sending.
const made = Date.now();
const bodies = Array.from({ length: Number(rate) * Number(seconds) }, () => records.body(Number(perRequest), made));
const requests: { due: number; answered: number }[] = [];
let isOver = false;

async function send(body: Buffer, due: number): Promise<void> {
  await post(body);
  requests.push({ due, answered: performance.now() });
}

function post(body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-ndjson', 'Content-Length': body.length };
    const sent = request(`${url}/v1/calls`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 202 ? resolve() : reject(new Error(`the server answered ${response.statusCode}`)),
      );
    });
    // A server that stood still closes connections as idle that a request has just been sent on.
    sent.on('error', (error) => (sent.reusedSocket ? post(body).then(resolve, reject) : reject(error)));
    sent.end(body);
  });
}

async function sendAll(): Promise<void> {
  const all: Promise<void>[] = [];
  const began = performance.now();
  while (all.length < bodies.length) {
    await sleep(TICK_MS);
    const now = performance.now();
    for (let due = dueAt(began, all.length); due <= now && all.length < bodies.length; ) {
      all.push(send(bodies[all.length]!, due));
      due = dueAt(began, all.length);
    }
  }
  isOver = true;
  await Promise.all(all);
}

function dueAt(began: number, index: number): number {
  return began + (index * 1000) / Number(rate);
}

/** The answer is thrown away: unpacking it would keep the sender from its times. */
async function scrape(): Promise<TimedScrape> {
  const began = performance.now();
  let bytes = 0;
  const response = await ask();
  for await (const part of response) bytes += (part as Buffer).length;
  return { began, ended: performance.now(), bytes };
}

async function scrapeAll(): Promise<TimedScrape[]> {
  const scrapes: TimedScrape[] = [];
  while (!isOver && encoding !== 'none') {
    await sleep(PAUSE_MS);
    scrapes.push(await scrape());
  }
  return scrapes;
}

function ask(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(`${url}/metrics`, { agent, headers: { 'Accept-Encoding': encoding } }, (response) => {
      const { statusCode, headers } = response;
      const came = headers['content-encoding'] ?? 'identity';
      if (statusCode === 200 && came === encoding) resolve(response);
      else reject(new Error(`a scrape that asked for ${encoding} was answered ${statusCode}, ${came}`));
    }).on('error', reject);
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const [scrapes] = await Promise.all([scrapeAll(), sendAll()]);
const result: PacedResult = { requests, scrapes };
agent.destroy();
console.log(JSON.stringify(result));
