// How Go writes what stands in Loki's messages: strings in quotes, times, durations.

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

/** Letters, marks, numbers, punctuation, symbols and the plain space: Go's `strconv.IsPrint`. */
const PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** A string in double quotes, as `strconv.Quote` writes it. */
export function goQuote(text: string): string {
  let quoted = '"';
  for (const character of text) quoted += SHORT_ESCAPES[character] ?? printable(character);
  return `${quoted}"`;
}

function printable(character: string): string {
  if (PRINTABLE.test(character)) return character;
  const code = character.codePointAt(0)!;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x1_0000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** `2026-11-24T07:30:00Z`, as `Format(time.RFC3339)` in UTC. */
export function rfc3339(timestampNs: bigint): string {
  return secondsOf(timestampNs).replace(' ', 'T').concat('Z');
}

/** `2026-11-24 07:30:00.5 +0000 UTC`, as a time prints itself in UTC. */
export function goTime(timestampNs: bigint): string {
  const fraction = mod(timestampNs, 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${secondsOf(timestampNs)}${fraction === '' ? '' : `.${fraction}`} +0000 UTC`;
}

function secondsOf(timestampNs: bigint): string {
  const milliseconds = Number((timestampNs - mod(timestampNs, 1_000_000_000n)) / 1_000_000n);
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');
}

function mod(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}

/** `3h0m0s`, `1m30.5s`, as a duration of at least one second prints itself. */
export function goDuration(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = (milliseconds % 60_000) / 1000;
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

/** `1d`, `30d1h`, as a duration of Prometheus's prints itself: weeks only where nothing is left over. */
export function modelDuration(milliseconds: number): string {
  const week = 604_800_000;
  if (milliseconds > 0 && milliseconds % week === 0) return `${milliseconds / week}w`;
  let rest = milliseconds;
  let text = '';
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === '' ? '0s' : text;
}

/** `3MB`, `1536KB`, `1000B`: as Loki prints a number of bytes of its limits. */
export function goByteSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size !== 0 && size % 1024 === 0 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size}${units[unit]}`;
}
