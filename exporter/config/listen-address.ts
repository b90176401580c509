import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import type { ListenAddress } from './settings.js';

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Reads `host:port`, `[IPv6]:port` or `:port`, the last being all interfaces (an empty host).
 * @returns null when the text is none of these
 */
export function parseListenAddress(text: string): ListenAddress | null {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (parts === null) return null;
  const [, bracketed, plain, digits] = parts;
  const port = Number(digits);
  if (port > 65535) return null;
  if (bracketed !== undefined) return isIPv6(bracketed) ? { host: bracketed, port } : null;
  const host = plain ?? '';
  // All digits and dots must be a real IPv4 address: nobody has a host called 999.1.1.1.
  const good = host === '' || isIPv4(host) || (HOST_NAME.test(host) && !/^[\d.]+$/.test(host));
  return good ? { host, port } : null;
}

/** The address as it is written in the configuration. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only this machine can reach the address: 127.0.0.0/8, ::1 or localhost. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const address = host.replace(/%.*$/, '');
  const version = isIP(address);
  return version !== 0 && LOOPBACK.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
