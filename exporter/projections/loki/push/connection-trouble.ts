import type { Verdict } from './answers.js';

/** A certificate does not become good by waiting. */
const BAD_CERTIFICATE = /^(CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET_ISSUER|VERIFY)|HOSTNAME_MISMATCH)/;
const NOT_TLS = new Set(['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']);
/** Loki wants a certificate of us, or another. */
const UNWELCOME = /^ERR_SSL_(TLSV1|SSLV3|TLS)_ALERT|^ERR_SSL_.*(CERTIFICATE|HANDSHAKE)/;
/** Nothing was sent: less would have fared no better. */
const NEVER_REACHED = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/** What a request that got no answer means, in words that say what to do. */
export function troubleOf(error: unknown, where: string): Verdict {
  const code = codeOf(error);
  if (BAD_CERTIFICATE.test(code)) {
    const trouble = `The certificate of ${where} is not trusted (${code}). Name its authority in loki.tls.`;
    return { kind: 'misconfigured', answer: 'no_answer', trouble };
  }
  if (NOT_TLS.has(code)) {
    const trouble = `${where} does not speak TLS. Give its address with http://.`;
    return { kind: 'misconfigured', answer: 'no_answer', trouble };
  }
  if (UNWELCOME.test(code)) {
    const trouble = `${where} refuses our side of TLS (${code}). Does it want a client certificate?`;
    return { kind: 'misconfigured', answer: 'no_answer', trouble };
  }
  const trouble = `${reasonOf(code, where)} What comes is kept until it does.`;
  const smaller = !NEVER_REACHED.has(code);
  return { kind: 'again', answer: 'no_answer', trouble, waitMs: 0, fitsBytes: null, smaller };
}

/** A name with several addresses fails with an error for each; undici wraps what TLS said. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown[] };
  if (typeof code === 'string' && code !== 'UND_ERR_SOCKET') return code;
  return codeOf(errors?.[0] ?? cause) || (typeof code === 'string' ? code : '');
}

function reasonOf(code: string, where: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${where}. Is Loki running, and is the address right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host of ${where} is not known (${code}).`;
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'ETIMEDOUT':
      return `${where} does not answer.`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `${where} broke the connection off.`;
    default:
      return `${where} cannot be reached${code === '' ? '' : ` (${code})`}.`;
  }
}
