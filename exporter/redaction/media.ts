import { createHash } from 'node:crypto';
import { isAlphanumeric } from './characters.js';

const SCHEME = 'data:';
const ENCODING = ';base64,';
/** Type and parameters of a `data:` URL together. */
const LONGEST_HEAD = 256;
const HASH_DIGITS = 16;
/** What is shorter is no picture and no sound, and is searched like any text. */
const SHORTEST_FIELD = 64;
const UNKNOWN_TYPE = 'application/octet-stream';

/** A stretch of text: a `data:` URL in base64, or what stands between two. */
export interface MediaPart {
  readonly text: string;
  /** What takes the place of a `data:` URL; null when the text is none. */
  readonly summary: string | null;
}

/** Cuts a text at its `data:` URLs in base64; null when it has none. Linear: a head is looked for within a bounded reach. */
export function mediaParts(text: string): readonly MediaPart[] | null {
  if (!text.includes(ENCODING)) return null;
  const parts: MediaPart[] = [];
  let from = 0;
  for (let at = text.indexOf(SCHEME); at !== -1; at = text.indexOf(SCHEME, at + 1)) {
    const head = headOf(text, at);
    if (head === null) continue;
    const body = at + head.length + ENCODING.length;
    let end = body;
    while (end < text.length && isBody(text.charCodeAt(end), text.charCodeAt(end + 1))) end += 1;
    if (end === body) continue;
    if (at > from) parts.push({ text: text.slice(from, at), summary: null });
    const type = head.slice(SCHEME.length).replaceAll('\\', '').split(';')[0]!;
    parts.push({ text: text.slice(at, end), summary: summaryOf(type, text.slice(body, end).replaceAll('\\', '')) });
    from = end;
    at = end - 1;
  }
  if (parts.length === 0) return null;
  if (from < text.length) parts.push({ text: text.slice(from), summary: null });
  return parts;
}

/** What stands before `;base64,` of a URL that begins at an offset; null when it is no such URL. */
function headOf(text: string, at: number): string | null {
  const reach = text.slice(at, at + LONGEST_HEAD);
  const encoding = reach.indexOf(ENCODING);
  if (encoding === -1) return null;
  const head = reach.slice(0, encoding);
  return /^data:[A-Za-z0-9/\\;=.+_-]*$/.test(head) ? head : null;
}

function isBody(code: number, next: number): boolean {
  // In JSON that is cut off, `/` may be escaped.
  return isBase64(code) || (code === 92 && next === 47);
}

function isBase64(code: number): boolean {
  return isAlphanumeric(code) || code === 43 || code === 47 || code === 61 || code === 95 || code === 45;
}

/** Type, decoded size in bytes and the first digits of the SHA-256 of what base64 stands for. */
function summaryOf(type: string, base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, HASH_DIGITS);
  const plainType = /^[A-Za-z0-9.+/-]{1,64}$/.test(type) ? type : UNKNOWN_TYPE;
  return `data:${plainType};size=${bytes.length};sha256=${hash}`;
}

/** Keys whose value, if it is base64, is media wherever they stand; the type that it has unless something else says. */
const ALWAYS = new Map([
  ['b64_json', 'image'],
  ['partial_image_b64', 'image'],
  ['bytesBase64Encoded', UNKNOWN_TYPE],
  ['imageBytes', 'image'],
  ['videoBytes', 'video'],
  ['image_base64', 'image'],
  ['audio_base64', 'audio'],
  ['file_data', UNKNOWN_TYPE],
]);
/** Objects whose `data` is media: OpenAI's and Gemini's, Anthropic's, DashScope's. */
const HOLDERS = new Set(['input_audio', 'inlineData', 'inline_data', 'source', 'audio', 'image', 'video', 'blob']);
/** Keys whose value is media or text: it depends on what stands beside them. */
const SOMETIMES = new Set(['data', 'audio', 'image', 'video', 'delta']);

/** Whether the value of a key may be media at all. */
export function mayHoldMedia(key: string): boolean {
  return ALWAYS.has(key) || SOMETIMES.has(key);
}

/**
 * What takes the place of media that stand in a field of their own, in base64.
 * @param holder the object with the field
 * @param holderKey the key under which that stands; empty when there is none
 * @returns null when the value is something else
 */
export function mediaField(
  holder: Readonly<Record<string, unknown>>,
  holderKey: string,
  key: string,
  value: string,
): string | null {
  if (value.length < SHORTEST_FIELD) return null;
  const type = fieldType(holder, holderKey, key);
  if (type === null || !/^[A-Za-z0-9+/_\r\n-]+={0,2}\s*$/.test(value)) return null;
  return summaryOf(type, value);
}

/** What says of an object with media which they are, in the APIs of the providers. */
interface MediaHolder {
  readonly type?: unknown;
  readonly format?: unknown;
  readonly media_type?: unknown;
  readonly mimeType?: unknown;
  readonly mime_type?: unknown;
}

function fieldType(holder: MediaHolder, holderKey: string, key: string): string | null {
  const always = ALWAYS.get(key);
  const said = holder.media_type ?? holder.mimeType ?? holder.mime_type;
  if (always !== undefined) return typeof said === 'string' ? said : always;
  const event = typeof holder.type === 'string' ? holder.type : '';
  if (key === 'delta' || key === 'audio') return /audio/.test(event) || key === 'audio' ? 'audio' : null;
  if (key === 'image' || key === 'video') return key;
  if (typeof said === 'string') return said;
  if (typeof holder.format === 'string') return `audio/${holder.format}`;
  if (event === 'base64') return UNKNOWN_TYPE;
  if (!HOLDERS.has(holderKey)) return null;
  return holderKey === 'audio' || holderKey === 'image' || holderKey === 'video' ? holderKey : UNKNOWN_TYPE;
}
