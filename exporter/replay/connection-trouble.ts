import type { Verdict } from './verdict.js';

/** A certificate does not become good by waiting. */
const BAD_CERTIFICATE = /^(CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET_ISSUER|VERIFY)|HOSTNAME_MISMATCH)/;
/** Nothing listens there, or nothing is there. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']);
const NOT_TLS = new Set(['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER']);

/** What a request that got no answer means, in words that say what to do. */
export function troubleOf(error: NodeJS.ErrnoException, where: string): Verdict {
  const code = codeOf(error);
  if (BAD_CERTIFICATE.test(code)) {
    const reason = `The certificate of ${where} is not trusted (${code}). Name its authority in NODE_EXTRA_CA_CERTS.`;
    return { kind: 'stop', reason };
  }
  if (NOT_TLS.has(code)) {
    return { kind: 'stop', reason: `${where} does not speak TLS. Give its address with http:// in --url.` };
  }
  return { kind: 'again', reason: reasonOf(code, error.message, where), waitMs: 0, urgent: UNREACHABLE.has(code) };
}

/** A name with several addresses fails with an error for each. */
function codeOf(error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }): string {
  return error.code ?? error.errors?.[0]?.code ?? '';
}

function reasonOf(code: string, message: string, where: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${where}. Is the exporter running? Start it with npm start, or give its address with --url.`;
    case 'ENOTFOUND':
      return `The host of ${where} is not known. Give the exporter's address with --url.`;
    case 'ETIMEDOUT':
      return `${where} does not answer.`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${where} broke the connection off.`;
    default:
      return `${where} cannot be reached (${code || message}).`;
  }
}
