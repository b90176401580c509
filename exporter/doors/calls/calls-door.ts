import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope, Settings } from '../../config/settings.js';
import { ClientGoneError, readBody } from '../../http/body.js';
import { type InFlight, Share } from '../../http/in-flight.js';
import { HttpProblem, sendProblem } from '../../http/problems.js';
import { CommitError } from '../../spool/commit-log.js';
import { DiskReserveError } from '../../spool/spool.js';
import type { Intake, Receipt } from '../intake.js';
import { admitBody } from './admit-body.js';
import { recordFormat } from './content-type.js';

export const DOOR = 'calls';
const SCOPE: Scope = 'ingest';
const MAX_IDEMPOTENCY_KEY = 100;

export interface CallsDoorOptions {
  intake: Intake;
  inFlight: InFlight;
  limits: Settings['limits'];
  /** @returns the workspace the caller may write to, null = any. @throws HttpProblem 401, 403 */
  authorize: (request: IncomingMessage, scope: Scope) => string | null;
  /** Why nothing can be taken just now, or null. */
  refusal: () => Error | null;
  observer: DoorObserver;
}

/** What happens at a door, for metrics and logs. */
export interface DoorObserver {
  received(door: string, bytes: number): void;
  answered(door: string, status: number): void;
  took(door: string, receipt: Receipt): void;
  /** Records that could not be written though they were good. */
  unavailable(door: string, records: number): void;
  failed(door: string, error: Error): void;
}

/** `POST /v1/calls`: call records as JSON or NDJSON; answered once they are durable. */
export function callsDoor(
  options: CallsDoorOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { observer } = options;
  return async (request, response) => {
    const share = new Share(options.inFlight);
    try {
      const receipt = await takeRecords(options, request, share);
      observer.took(DOOR, receipt);
      if (receipt.accepted === 0 && receipt.duplicates === 0) {
        throw new HttpProblem('no-valid-record', firstReason(receipt), { ...receipt });
      }
      sendReceipt(response, receipt);
    } catch (error) {
      // A client that went away gets no answer; its records, if they were whole, are kept.
      if (!(error instanceof ClientGoneError)) {
        const problem = toProblem(error as Error);
        if (problem.problem === 'internal-error') observer.failed(DOOR, error as Error);
        sendProblem(response, problem);
      }
    } finally {
      share.release();
      observer.answered(DOOR, response.headersSent ? response.statusCode : 499);
    }
  };
}

async function takeRecords(options: CallsDoorOptions, request: IncomingMessage, share: Share): Promise<Receipt> {
  const workspace = options.authorize(request, SCOPE);
  const format = recordFormat(request.headers['content-type']);
  if (format === null) {
    throw new HttpProblem(
      'unsupported-media-type',
      'Content-Type must be application/json or application/x-ndjson, in UTF-8.',
    );
  }
  const idempotencyKey = idempotencyKeyOf(request);
  const refusal = options.refusal();
  if (refusal !== null) throw refusal;

  const { body, received } = await readBody(request, options.limits, share);
  options.observer.received(DOOR, received);
  const admission = options.intake.begin(workspace);
  await admitBody(body, format, idempotencyKey, options.limits, admission);
  try {
    return await admission.settle();
  } catch (error) {
    options.observer.unavailable(DOOR, admission.good);
    throw error;
  }
}

function idempotencyKeyOf(request: IncomingMessage): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || key === '' || key.length > MAX_IDEMPOTENCY_KEY) {
    throw new HttpProblem('bad-header', `Idempotency-Key must have 1 to ${MAX_IDEMPOTENCY_KEY} characters.`);
  }
  return key;
}

function firstReason({ rejected }: Receipt): string {
  const { index, line, field, message } = rejected[0]!;
  const place = line === undefined ? `record ${index}` : `line ${line}`;
  const others = rejected.length > 1 ? ` (and ${rejected.length - 1} more)` : '';
  return `${place}: ${field === '' ? 'the record' : field} ${message}${others}`;
}

function toProblem(error: Error): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof DiskReserveError) return new HttpProblem('disk-full', error.message);
  if (error instanceof CommitError) {
    return new HttpProblem('not-durable', `${error.message}. Send the same request again, with the same ids.`);
  }
  return new HttpProblem('internal-error', 'The log of the exporter says what happened.');
}

function sendReceipt(response: ServerResponse, receipt: Receipt): void {
  const body = `${JSON.stringify(receipt)}\n`;
  response.writeHead(202, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
