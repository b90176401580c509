import type { Kind } from '../../config/kind.js';
import { nearest } from '../../config/nearest.js';
import { formatDuration, parseDuration } from '../../config/quantities.js';
import { hidden, type Read, scalar, text } from '../../config/scalar-kinds.js';
import { WINDOWS } from '../model/alert-metrics.js';
import { MESSAGE_PLACEHOLDERS } from '../model/alerts.js';
import { ALERT_LEVELS, type AlertLevel } from '../model/levels.js';
import { LEVELS_ARE_FIXED } from './named-mappings.js';

/** What Alertmanager would take for a template of its own is refused: it would not be sent as it is written. */
export function plain(max: number): Kind<string> {
  return text({ max, pattern: /^(?!.*\{\{)/, allowed: `a text of 1 to ${max} characters, without {{` });
}

export const level: Kind<AlertLevel> = scalar('level', `one of ${ALERT_LEVELS.join(', ')}`, (value) => {
  const found = ALERT_LEVELS.find((known) => known === value);
  return found === undefined ? { hint: LEVELS_ARE_FIXED } : { value: found };
});

/** A file that Alertmanager reads. The path is never said: a secret may stand in its place. */
export const secretFile: Kind<string> = hidden(
  text({
    max: 4096,
    pattern: /^\//,
    allowed: 'an absolute path such as /run/secrets/token, because Alertmanager reads the file, on its own machine',
  }),
);

/** An address to which paths are added. */
export const baseAddress: Kind<string> = address((url) =>
  url.search === '' && url.hash === ''
    ? { value: url.href.replace(/\/+$/, '') }
    : { hint: 'Paths are added to it: leave out everything from the first ? or # on.' },
);

/** An address that is called as it is. */
export const callAddress: Kind<string> = address((url) => ({ value: url.href }));

function address(read: (url: URL) => Read<string>): Kind<string> {
  const allowed = 'an address such as http://127.0.0.1:3000, without user and password';
  return hidden(
    scalar('address', allowed, (value) => {
      const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
      if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
        return { hint: 'Begin it with http:// or https://.' };
      }
      if (url.username !== '' || url.password !== '') return { hint: 'Take user and password out of it.' };
      return read(url);
    }),
  );
}

export const smarthost: Kind<string> = scalar('mail server', 'host:port, such as smtp.example.com:587', (value) => {
  const port = typeof value === 'string' ? /^(?:[\w.-]{1,253}|\[[\da-f:.]+\]):(\d{1,5})$/i.exec(value)?.[1] : undefined;
  if (port !== undefined && Number(port) >= 1 && Number(port) <= 65535) return { value: String(value) };
  return { hint: typeof value === 'string' && /^[\w.-]+$/.test(value) ? 'Add the port, mostly 587.' : null };
});

const MAILBOX = String.raw`[^\s<>@,;{}"]+@[^\s<>@,;{}"]+`;
export const emailAddress = text({
  max: 254,
  pattern: new RegExp(`^${MAILBOX}$`),
  allowed: 'an email address, such as ops@example.com',
});
export const sender = text({
  max: 254,
  pattern: new RegExp(String.raw`^(?:${MAILBOX}|[\p{L}\p{N} _-]+ <${MAILBOX}>)$`, 'u'),
  allowed: 'an email address, such as alerts@example.com or Alerts <alerts@example.com>',
});

/** WeCom writes the number of an agent with digits alone, which YAML takes for a number. */
export const agentId: Kind<string> = scalar('number', 'a whole number, such as 1000002', (value) =>
  /^\d{1,15}$/.test(String(value)) ? { value: String(value) } : { hint: null },
);

export const workspace: Kind<string> = scalar(
  'text',
  'a workspace id of 1 to 200 characters, without * at its end',
  (value) => {
    if (typeof value === 'number' || typeof value === 'boolean') return { hint: 'Put it in quotes to make it a text.' };
    if (value === '*') return { hint: 'Leave the key out for all workspaces.' };
    if (typeof value !== 'string' || value.endsWith('*') || /\p{Cc}|\p{Cs}/u.test(value)) return { hint: null };
    return value.length >= 1 && value.length <= 200 ? { value } : { hint: null };
  },
);

export const modelPattern = text({
  max: 256,
  pattern: /^[^*]*\*?$/,
  allowed: 'the name of a model, of 1 to 256 characters, or the beginning of names with a * at its end',
});

/** A name that stands elsewhere in the file. */
export const reference = text({ max: 256 });

export const currency = text({ max: 3, pattern: /^[A-Z]{3}$/, allowed: 'three capital letters, such as USD' });

export const lookBack: Kind<number> = scalar('window', `one of ${WINDOWS.join(', ')}`, (value) => {
  const ms = typeof value === 'string' ? parseDuration(value) : null;
  if (ms !== null && WINDOWS.some((window) => parseDuration(window) === ms)) return { value: ms };
  return { hint: ms === null ? null : `${formatDuration(ms)} is not recorded, and would not be exact.` };
});

const MOST_OF_MESSAGE = 1024;
/** A word after a dollar sign; `$5` and a lone `$` are text. */
const PLACEHOLDER = /\$[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/g;

export const message: Kind<string> = {
  ...text({ max: MOST_OF_MESSAGE }),
  allowed: `one line of 1 to ${MOST_OF_MESSAGE} characters, with the placeholders ${MESSAGE_PLACEHOLDERS.join(', ')}`,
  read(tree, key, problems) {
    const read = oneLine.read(tree, key, problems);
    let good = read !== undefined;
    for (const [word] of read?.matchAll(PLACEHOLDER) ?? []) {
      if (MESSAGE_PLACEHOLDERS.some((known) => known === word)) continue;
      const meant = nearest(word, MESSAGE_PLACEHOLDERS);
      const hint = meant === null ? `Known: ${MESSAGE_PLACEHOLDERS.join(', ')}.` : `Did you mean ${meant}?`;
      problems.add(tree.place, key, `unknown placeholder ${word.slice(0, 60)}`, null, hint);
      good = false;
    }
    return good ? read : undefined;
  },
};
const oneLine = text({ max: MOST_OF_MESSAGE, allowed: `one line of 1 to ${MOST_OF_MESSAGE} characters` });

/** The same list, which may be empty too. */
export function orNone<T>(list: Kind<readonly T[]>): Kind<readonly T[]> {
  return {
    ...list,
    read: (tree, key, problems) =>
      tree.type === 'list' && tree.items.length === 0 ? [] : list.read(tree, key, problems),
  };
}
