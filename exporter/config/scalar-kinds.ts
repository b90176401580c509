import type { Problems } from './config-error.js';
import type { Kind } from './kind.js';
import { parseListenAddress } from './listen-address.js';
import { nearest } from './nearest.js';
import { formatDuration, formatSize, parseDuration, parseSize } from './quantities.js';
import type { ListenAddress } from './settings.js';
import { describe, describeHidden, type Scalar, type Tree } from './tree.js';

/** What a kind makes of a value: the value read, or a refusal with what may help. */
export type Read<T> = { value: T } | { hint: string | null };

const REFUSED = { hint: null };

/** A kind of single values: `read` says what becomes of one that is written. */
export function scalar<T>(
  name: string,
  allowed: string,
  read: (value: Scalar) => Read<T>,
  fromText: (text: string) => Scalar = (text) => text,
): Kind<T> {
  return {
    name,
    allowed,
    fromText,
    read(tree: Tree, key: string, problems: Problems): T | undefined {
      const result = tree.type === 'scalar' ? read(tree.value) : REFUSED;
      if ('value' in result) return result.value;
      problems.add(tree.place, key, describe(tree), allowed, result.hint);
      return undefined;
    },
  };
}

/** The same kind where a secret may be pasted by mistake: its errors never say what was found. */
export function hidden<T>(kind: Kind<T>): Kind<T> {
  return {
    ...kind,
    read(tree, key, problems) {
      const first = problems.list.length;
      const value = kind.read(tree, key, problems);
      for (const problem of problems.list.slice(first)) problem.found = describeHidden(tree);
      return value;
    },
  };
}

/** A text on one line; `pattern` and its wording `allowed` go together. */
export function text({ max, pattern, allowed }: { max: number; pattern?: RegExp; allowed?: string }): Kind<string> {
  return scalar('text', allowed ?? `a text of 1 to ${max} characters`, (value) => {
    if (typeof value === 'number' || typeof value === 'boolean') return { hint: 'Put it in quotes to make it a text.' };
    if (typeof value !== 'string' || value === '' || value.length > max) return REFUSED;
    // A stray NUL or line break would end up in a path, a label or a log line.
    if (/\p{Cc}|\p{Cs}/u.test(value) || (pattern && !pattern.test(value))) return REFUSED;
    return { value };
  });
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  return scalar('word', `one of ${words.join(', ')}`, (value) => {
    const value_ = words.find((word) => word === value);
    if (value_ !== undefined) return { value: value_ };
    const meant = typeof value === 'string' ? nearest(value, words) : null;
    return { hint: meant && `Did you mean ${meant}?` };
  });
}

/** `true` or `false`. */
export const boolean: Kind<boolean> = scalar(
  'boolean',
  'true or false',
  (value) => (typeof value === 'boolean' ? { value } : REFUSED),
  (written) => (written === 'true' ? true : written === 'false' ? false : written),
);

/** A whole number, both ends included. */
export function integer({ min, max }: { min: number; max: number }): Kind<number> {
  return scalar(
    'integer',
    `a whole number from ${min} to ${max}`,
    (value) => {
      if (typeof value === 'string' && /^\d+$/.test(value)) return { hint: 'Remove the quotes.' };
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) return REFUSED;
      return { value };
    },
    (written) => (/^-?\d{1,15}$/.test(written) ? Number(written) : written),
  );
}

/** A finite number, both ends included. */
export function number({ min, max }: { min: number; max: number }): Kind<number> {
  return scalar('number', `a number from ${min} to ${max}`, (value) =>
    // `+ 0` makes an honest zero of -0.
    typeof value === 'number' && value >= min && value <= max ? { value: value + 0 } : REFUSED,
  );
}

/** A duration such as `35s`, read as whole milliseconds. */
export function duration({ min, max }: { min: string; max: string }): Kind<number> {
  const [least, most] = [parseDuration(min)!, parseDuration(max)!];
  const allowed = `a duration from ${formatDuration(least)} to ${formatDuration(most)}, such as 500ms, 35s, 10m or 24h`;
  return scalar('duration', allowed, (value) => {
    if (typeof value === 'number') return { hint: 'Add the unit: ms, s, m, h or d.' };
    if (typeof value !== 'string') return REFUSED;
    const ms = parseDuration(value);
    if (ms === null) return { hint: /^\d+$/.test(value) ? 'Add the unit: ms, s, m, h or d.' : null };
    return ms >= least && ms <= most ? { value: ms } : REFUSED;
  });
}

/** A size such as `64MiB` or a plain number of bytes, read as whole bytes. */
export function size({ min, max }: { min: string; max: string }): Kind<number> {
  const [least, most] = [parseSize(min)!, parseSize(max)!];
  const allowed = `a size from ${formatSize(least)} to ${formatSize(most)}, such as 64MiB, 256KiB or a number of bytes`;
  return scalar('size', allowed, (value) => {
    const bytes = typeof value === 'number' || typeof value === 'string' ? parseSize(String(value)) : null;
    if (bytes !== null) return bytes >= least && bytes <= most ? { value: bytes } : REFUSED;
    // 64MB means two different things to two people, so it is not guessed at.
    const parts = typeof value === 'string' ? /^(\d{1,16})\s*([tgmk])i?b?$/i.exec(value) : null;
    return { hint: parts && `Did you mean ${parts[1]}${parts[2]!.toUpperCase()}iB?` };
  });
}

/** `host:port`, `[IPv6]:port` or `:port`. */
export const listenAddress: Kind<ListenAddress> = scalar(
  'listen address',
  'host:port, such as 127.0.0.1:9490, "[::1]:9490", or :9490 for all interfaces',
  (value) => {
    if (typeof value === 'number') return { hint: `Did you mean 127.0.0.1:${value}?` };
    const address = typeof value === 'string' ? parseListenAddress(value) : null;
    return address === null ? REFUSED : { value: address };
  },
);

/** `http://` or `https://` with a host, without user and password. What was found is never said: it may hold a password. */
export const httpAddress: Kind<string> = hidden(
  scalar('address', 'an address such as http://127.0.0.1:3100, without user and password', (value) => {
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      return { hint: 'Begin it with http:// or https://.' };
    }
    if (url.username !== '' || url.password !== '') {
      return { hint: 'Give user and password in keys of their own, loki.user and loki.password_file.' };
    }
    return { value: url.href };
  }),
);
