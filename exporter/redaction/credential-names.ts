import { isDigit, isLetter } from './characters.js';

/**
 * What a name says about its value: `sure`: a secret, whatever it looks like; `likely`: one when it looks random, since
 * honest values have that name too (`token`, `secret`).
 */
export type NameStrength = 'sure' | 'likely';

/** Ends of names, in small letters and without `_` and `-`. */
const SURE = [
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'apikey',
  'apisecret',
  'apitoken',
  'secretkey',
  'secretaccesskey',
  'accesskeysecret',
  'accesstoken',
  'refreshtoken',
  'authtoken',
  'sessiontoken',
  'securitytoken',
  'bearertoken',
  'clientsecret',
  'appsecret',
  'signingsecret',
  'webhooksecret',
  'privatekey',
  'accountkey',
  'sharedaccesskey',
  'authorization',
  'setcookie',
];
const LIKELY = ['token', 'secret', 'credential', 'credentials', 'accesskey', 'authkey', 'cookie', 'auth', 'pass'];
/** Names that are written in Chinese: password, passcode, secret key. */
const SURE_CHINESE = ['密码', '口令', '密钥', '私钥'];

const SHORTEST_MIXED = 16;

/** No name of a credential is longer. */
export const LONGEST_NAME = 48;
const LONGEST_ENDING = 20;

const endings = new Map<string, NameStrength>();
for (const name of LIKELY) endings.set(name, 'likely');
for (const name of SURE) endings.set(name, 'sure');
const LAST_CHARACTERS = new Set([...endings.keys()].map((name) => name.charCodeAt(name.length - 1)));
const SHORTEST_ENDING = Math.min(...[...endings.keys()].map((name) => name.length));

/** What a name, such as a JSON key or what stands before `=`, says about its value; null when nothing. */
export function nameStrength(name: string): NameStrength | null {
  if (name.length < 2 || name.length > LONGEST_NAME) return null;
  if (SURE_CHINESE.some((ending) => name.endsWith(ending))) return 'sure';
  if (!LAST_CHARACTERS.has(name.charCodeAt(name.length - 1) | 32)) return null;
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  let strength: NameStrength | null = null;
  for (let length = SHORTEST_ENDING; length <= Math.min(LONGEST_ENDING, plain.length); length += 1) {
    const found = endings.get(plain.slice(-length));
    if (found === undefined) continue;
    if (found === 'sure') return 'sure';
    // `compass` is no password: a weak ending has to be a word of its own.
    if (isOwnWord(name, length)) strength = 'likely';
  }
  return strength;
}

/** Whether the last letters of a name are a word of their own: after a separator, as a capital, or all of it. */
function isOwnWord(name: string, length: number): boolean {
  const at = name.length - length;
  if (at <= 0) return true;
  const before = name.charCodeAt(at - 1);
  const first = name.charCodeAt(at);
  const isSmall = (before | 32) >= 97 && (before | 32) <= 122 && before >= 97;
  return !/[A-Za-z]/.test(name[at - 1]!) || (first >= 65 && first <= 90 && isSmall);
}

/** Says what type a value has, or that it is left out. */
const NO_VALUES = new Set([
  ...['null', 'none', 'nil', 'true', 'false', 'undefined', 'string', 'str', 'text', 'bytes', 'any', 'object', 'number'],
  ...[
    'integer',
    'optional',
    'required',
    'redacted',
    'masked',
    'hidden',
    'secret',
    'password',
    'token',
    'empty',
    'unset',
  ],
]);

/**
 * Whether a value that stands for itself, such as a quoted one or that of a JSON key, is a secret.
 * @param value without its quotes
 */
export function isSecretValue(value: string, strength: NameStrength): boolean {
  if (value.length < 3 || isStandIn(value)) return false;
  return strength === 'sure' || isMixed(value);
}

/** Whether a value is written in place of a secret: a type, `****`, `${NAME}`, `<your key>`, `{{key}}`, `%s`. */
export function isStandIn(value: string): boolean {
  if (value.length > 64) return false;
  if (NO_VALUES.has(value.toLowerCase())) return true;
  if (/^(?:\*{3,64}|x{3,64}|X{3,64}|\.{3,64}|•{3,64}|-{3,64})$/.test(value)) return true;
  if (/^\$\{?[A-Za-z_]{1,62}\}?$/.test(value) || /^\{\{?[^{}]{1,60}\}?\}$/.test(value)) return true;
  return /^<[^<>]{1,60}>$/.test(value) || /^%[sd]$/.test(value);
}

/** Letters and digits mixed in a run that is too long for a word with a number; `-` and `_` do not break it. */
function isMixed(value: string): boolean {
  let letters = 0;
  let digits = 0;
  for (let at = 0; at <= value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (isLetter(code)) letters += 1;
    else if (isDigit(code)) digits += 1;
    else if (code !== 45 && code !== 95) {
      if (letters >= 2 && digits >= 2 && letters + digits >= SHORTEST_MIXED) return true;
      letters = 0;
      digits = 0;
    }
  }
  return false;
}
