import type { ServerResponse } from 'node:http';

/** One kind of error that the service answers with. */
export interface ProblemKind {
  status: number;
  title: string;
  /** What the one who asked can do about it; for the reference page. */
  help: string;
}

/** Every error of the service, by the last part of its `type` (RFC 9457). The reference page comes from it. */
export const PROBLEMS = {
  'malformed-body': {
    status: 400,
    title: 'The body cannot be read',
    help: 'The detail says where it breaks. Send one JSON object, a JSON array of objects, or NDJSON, in UTF-8.',
  },
  'malformed-request': {
    status: 400,
    title: 'This is not a request',
    help: 'What arrived is not HTTP/1.1, or its body is not framed as its headers say. Look at what stands between the client and the exporter.',
  },
  'malformed-notification': {
    status: 400,
    title: 'This is not a notification of Alertmanager',
    help: 'The detail says what is missing. Send the JSON of an Alertmanager webhook, version 4, as a webhook receiver of Alertmanager does.',
  },
  'no-valid-record': {
    status: 400,
    title: 'No record could be accepted',
    help: 'Every record of the request was refused; `rejected` names field and reason for each.',
  },
  'bad-header': {
    status: 400,
    title: 'A header is not valid',
    help: 'The detail names the header and what it may hold.',
  },
  unauthorized: {
    status: 401,
    title: 'A token is needed',
    help: 'Send `Authorization: Bearer <token>` with one of the tokens of `auth.tokens`.',
  },
  forbidden: {
    status: 403,
    title: 'The token does not allow this',
    help: 'The token is known but lacks the scope that the detail names: add it under `auth.tokens`, or use another token.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    help: 'Look at `/` for what there is.',
  },
  'unknown-robot': {
    status: 404,
    title: 'There is no robot of this name',
    help: 'Add it under `notify.dingtalk` and restart the exporter, or mend the name of the robot in `config/alerts.yml`.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method is not for this path',
    help: 'The `Allow` header names the methods that are.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    help: 'Send it again, faster or in smaller parts; `limits.request_timeout` says how long it may take.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    help: 'Send fewer records in one request. The detail names the limit, which stands under `limits`.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'This content type or encoding is not supported',
    help: 'Send `application/json` or `application/x-ndjson` in UTF-8, plain or with `Content-Encoding: gzip`.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    help: 'Send fewer or shorter headers; cookies are of no use here.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong inside the exporter',
    help: 'The log of the exporter says what. Nothing was counted for this request unless it is answered again as a duplicate: send it again.',
  },
  'robot-refused': {
    status: 502,
    title: 'DingTalk refuses the message',
    help: 'The log of the exporter names the robot, what DingTalk said and what to do. Alertmanager sends it again meanwhile.',
  },
  'robot-busy': {
    status: 503,
    title: 'The robot cannot take the message now',
    help: 'The robot is at its limit of messages a minute, or DingTalk does not answer. Nothing is lost: Alertmanager sends it again.',
  },
  'not-durable': {
    status: 503,
    title: 'The records could not be written',
    help: 'The disk refused. Send the same request again later, with the same ids: what was written after all is not counted twice.',
  },
  'disk-full': {
    status: 503,
    title: 'The disk of the exporter is nearly full',
    help: 'Nothing is accepted until `spool.free_disk_reserve` is free again. Send the same request again later.',
  },
  overloaded: {
    status: 503,
    title: 'Too much is in flight',
    help: 'More bytes are being received than `limits.in_flight_bytes` allows. Send the same request again after `Retry-After` seconds.',
  },
  'too-many-scrapes': {
    status: 503,
    title: 'Too many scrapes are under way',
    help: 'Scrape again when one of them is over. Look for scrapers that read their answers too slowly.',
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemName = keyof typeof PROBLEMS;

/** Where problem types are named; not a place to fetch anything from. */
export const PROBLEM_TYPE_PREFIX = 'urn:model-observation:problem:';
export const RETRY_AFTER_SECONDS = 1;

/** An error to be answered as it is. */
export class HttpProblem extends Error {
  constructor(
    readonly problem: ProblemName,
    /** What is wrong with this request, and what to do: shown to whoever sent it. */
    readonly detail: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = 'HttpProblem';
  }
}

/** The RFC 9457 object of a problem. */
export function problemDetails(problem: HttpProblem): Record<string, unknown> {
  const { status, title } = PROBLEMS[problem.problem];
  return { type: `${PROBLEM_TYPE_PREFIX}${problem.problem}`, title, status, detail: problem.detail, ...problem.extra };
}

/**
 * Answers with a problem, whether or not the request's body has arrived. What is left of the body is read
 * and thrown away until the request times out: closed on unread bytes, a connection is reset, and the
 * client would never see the answer.
 */
export function sendProblem(response: ServerResponse, problem: HttpProblem): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status } = PROBLEMS[problem.problem];
  const body = `${JSON.stringify(problemDetails(problem))}\n`;
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/problem+json');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  if (status === 503 && !response.hasHeader('Retry-After')) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  response.end(body);
}
