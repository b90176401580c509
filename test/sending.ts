import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { CallRecord, TrueCall } from './call-records.js';

export interface Receipt {
  accepted: number;
  duplicates: number;
  late: number;
  rejected: { index: number; field: string; message: string }[];
}

/** The shapes in which records travel. */
export type Shape = 'ndjson' | 'array' | 'gzip';

/** A request with these calls' records; one record goes as a single object. */
export function requestFor(calls: readonly TrueCall[], shape: Shape = 'ndjson'): RequestInit {
  const records: CallRecord[] = calls.map(({ record }) => record);
  if (records.length === 1) return json(JSON.stringify(records[0]));
  if (shape === 'array') return json(JSON.stringify(records));
  const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const headers = { 'content-type': 'application/x-ndjson' };
  if (shape === 'ndjson') return { method: 'POST', headers, body: lines };
  return { method: 'POST', headers: { ...headers, 'content-encoding': 'gzip' }, body: new Uint8Array(gzipSync(lines)) };
}

function json(body: string): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body };
}

/**
 * Sends once.
 * @throws unless the answer is 202, and where a record is refused
 */
export async function send(url: string, calls: readonly TrueCall[], shape: Shape = 'ndjson'): Promise<Receipt> {
  const response = await fetch(`${url}/v1/calls`, requestFor(calls, shape));
  const text = await response.text();
  if (response.status !== 202) throw new Error(`${response.status} ${text}`);
  const receipt = JSON.parse(text) as Receipt;
  if (receipt.rejected.length > 0) throw new Error(`refused: ${text}`);
  return receipt;
}

/** Sends all, so many at a time, and adds up the receipts. */
export async function sendInBatches(url: string, calls: readonly TrueCall[], size: number): Promise<Receipt> {
  const sum: Receipt = { accepted: 0, duplicates: 0, late: 0, rejected: [] };
  for (let at = 0, turn = 0; at < calls.length; at += size, turn += 1) {
    const shape = (['ndjson', 'array', 'gzip'] as const)[turn % 3] as Shape;
    const { accepted, duplicates, late } = await send(url, calls.slice(at, at + size), shape);
    sum.accepted += accepted;
    sum.duplicates += duplicates;
    sum.late += late;
  }
  return sum;
}

const RETRY_MS = 40;

/**
 * What a client should do: the same records under the same ids again and again until they are acknowledged, while the
 * server is away, says 503, or breaks off.
 * @returns how many times it was sent
 * @throws on an answer that says that trying again is of no use
 */
export async function sendUntilTaken(url: string, calls: readonly TrueCall[], shape: Shape): Promise<number> {
  for (let times = 1; ; times += 1) {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}/v1/calls`, requestFor(calls, shape));
      text = await response.text();
    } catch {
      await sleep(RETRY_MS);
      continue;
    }
    if (response.status === 202) {
      const { rejected } = JSON.parse(text) as Receipt;
      if (rejected.length > 0) throw new Error(`refused: ${text}`);
      return times;
    }
    if (response.status !== 503) throw new Error(`${response.status} ${text}`);
    await sleep(RETRY_MS);
  }
}
