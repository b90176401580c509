import { MEDIA } from './catalogue.js';
import { isSecretValue, type NameStrength, nameStrength } from './credential-names.js';
import { isIssued } from './detectors/bank-card.js';
import { isBornSomewhere } from './detectors/identity-card.js';
import { redactLoose, redactStream } from './joined-pieces.js';
import { jsonLines, parseJson } from './json-text.js';
import { mayHoldMedia, mediaField, mediaParts } from './media.js';
import { listKind, looseText, streamTexts } from './stream-pieces.js';
import type { Counts, TextRedaction } from './text-redaction.js';
import { WITHHELD_REASONS, Withhold, type Work } from './work.js';

/** JSON within strings of JSON within strings: so deep it is parsed. What lies deeper is searched as text, escapes undone. */
const MAX_NESTING = 6;
/** Smaller numbers are no phone number; those of cards and identity cards are longer still. */
const SMALLEST_FIND = 1e10;

export interface ContentOptions {
  readonly keepMedia: boolean;
  readonly maxDepth: number;
}

/** What is known of a key that holds nothing to redact itself. */
interface KeyFacts {
  readonly strength: NameStrength | null;
  readonly media: boolean;
}

const MOST_KNOWN_KEYS = 4096;
const LONGEST_KNOWN_KEY = 64;

/** Keys come again with each content: what was found out about them is kept, as long as they are honest. */
export class KnownKeys {
  readonly #facts = new Map<string, KeyFacts>();

  get(key: string): KeyFacts | undefined {
    return this.#facts.get(key);
  }

  keep(key: string, facts: KeyFacts): void {
    if (key.length > LONGEST_KNOWN_KEY) return;
    if (this.#facts.size >= MOST_KNOWN_KEYS) this.#facts.clear();
    this.#facts.set(key, facts);
  }
}

/** Redacts one content. Copies what changes and leaves the rest as it is; the input is never written to. */
export class ContentRedaction {
  /** What was replaced so far. */
  counts: Counts = {};
  /** Strings of streams whose text goes over several pieces, by the object or array that holds them. */
  readonly #rewritten = new Map<object, Map<string | number, string>>();
  /** What strings of such streams hold as JSON. */
  readonly #parsed = new Map<object, Map<string | number, object>>();
  readonly #credential: number;
  #inStream = false;

  constructor(
    private readonly text: TextRedaction,
    private readonly known: KnownKeys,
    private readonly options: ContentOptions,
    private readonly work: Work,
  ) {
    this.#credential = text.rankOf('credential');
  }

  /** @throws Withhold */
  redact(value: unknown): unknown {
    return this.#value(value, '', 0, 0, null);
  }

  /**
   * @param holderKey the key under which the value stands
   * @param depth objects and arrays around the value
   * @param nesting strings of JSON around it
   * @param strength what the key says about the value
   */
  #value(value: unknown, holderKey: string, depth: number, nesting: number, strength: NameStrength | null): unknown {
    if (typeof value === 'string') return this.#string(value, depth, nesting, strength);
    if (typeof value === 'number') return this.#number(value, strength);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= this.options.maxDepth) throw new Withhold(WITHHELD_REASONS.depth);
    if (Array.isArray(value)) return this.#array(value, holderKey, depth + 1, nesting, strength);
    return this.#object(value as Record<string, unknown>, holderKey, depth + 1, nesting);
  }

  #array(
    list: readonly unknown[],
    holderKey: string,
    depth: number,
    nesting: number,
    strength: NameStrength | null,
  ): unknown {
    const within = this.#inStream;
    if (!within && !this.text.idle && listKind(list) === 'stream') {
      this.#redactStream(list);
      this.#inStream = true;
    }
    const rewritten = this.#rewritten.get(list);
    let copy: unknown[] | null = null;
    for (let index = 0; index < list.length; index += 1) {
      const before = list[index];
      const joined = rewritten?.get(index);
      const after = this.#value(joined ?? before, holderKey, depth, nesting, strength);
      if (after !== before) {
        copy ??= list.slice();
        copy[index] = after;
      }
    }
    const stream = this.#inStream;
    this.#inStream = within;
    return stream || this.text.idle ? (copy ?? list) : this.#joined(copy ?? list);
  }

  /** A list whose elements are redacted, without the finds that go across them. */
  #joined(list: readonly unknown[]): readonly unknown[] {
    const kind = listKind(list);
    if (kind !== 'strings' && kind !== 'parts') return list;
    const pieces = looseText(list);
    if (pieces.length < 2) return list;
    const before = pieces.map(({ text }) => text);
    redactLoose(pieces, this.text, this.counts, this.work);
    let copy: unknown[] | null = null;
    for (const [place, { key, text }] of pieces.entries()) {
      if (text === before[place]) continue;
      const index = Number(key);
      copy ??= list.slice();
      copy[index] = typeof list[index] === 'string' ? text : { ...(list[index] as object), text };
    }
    return copy ?? list;
  }

  #object(object: Readonly<Record<string, unknown>>, holderKey: string, depth: number, nesting: number): unknown {
    const rewritten = this.#rewritten.size === 0 ? undefined : this.#rewritten.get(object);
    const parsed = this.#parsed.size === 0 ? undefined : this.#parsed.get(object);
    let copy: ObjectCopy | null = null;
    for (const key in object) {
      const before = object[key];
      const facts = this.known.get(key);
      const newKey = facts === undefined ? this.#key(key, nesting) : key;
      const { strength, media } = facts ?? this.known.get(key) ?? factsOf(key);
      let after: unknown;
      const inner = parsed?.get(key);
      const summary = media && typeof before === 'string' ? mediaField(object, holderKey, key, before) : null;
      if (summary !== null) {
        this.work.admit(key.length);
        after = this.options.keepMedia ? before : this.#media(summary);
      } else if (inner !== undefined) {
        if (nesting === 0) this.work.admit((before as string).length);
        // Never in place: what stands there goes on in the next piece, and by itself shows nothing.
        after = this.#json(before as string, inner, depth, nesting, false);
      } else {
        after = this.#value(rewritten?.get(key) ?? before, key, depth, nesting, strength);
      }
      if (copy === null && (after !== before || newKey !== key)) copy = new ObjectCopy(object, key);
      copy?.set(newKey, after);
    }
    return copy === null ? object : copy.value;
  }

  /** A key with what is in it redacted. */
  #key(key: string, nesting: number): string {
    if (nesting === 0) this.work.admit(key.length);
    const redacted = this.text.idle ? key : this.text.redact(key, this.counts, this.work);
    if (redacted === key) this.known.keep(key, factsOf(key));
    return redacted;
  }

  #string(text: string, depth: number, nesting: number, strength: NameStrength | null): string {
    if (nesting === 0) this.work.admit(text.length);
    if (strength !== null && this.#isCredential(text, strength)) {
      return this.text.placeholder(this.#credential, text, this.counts);
    }
    if (text.length < this.text.shortest) return text;
    if (nesting < MAX_NESTING) {
      const redacted = this.#structured(text, depth, nesting);
      if (redacted !== null) return redacted;
    }
    return this.#plain(text);
  }

  /** A text that holds JSON, or lines of it, redacted; null when it holds none. */
  #structured(text: string, depth: number, nesting: number): string | null {
    const parsed = parseJson(text, this.work);
    if (parsed !== undefined) {
      if (nesting > 0) return this.#json(text, parsed, depth, nesting);
      // Too deep for parsing is not too deep for reading: within a string it is text.
      const counts = { ...this.counts };
      try {
        return this.#json(text, parsed, depth, nesting);
      } catch (error) {
        if (!(error instanceof Withhold) || error.reason !== WITHHELD_REASONS.depth) throw error;
        this.counts = counts;
        return null;
      }
    }
    const lines = jsonLines(text, this.work);
    if (lines === null) return null;
    const redacted = this.#value(lines.values, '', depth, nesting + 1, null) as readonly unknown[];
    return this.#plain(redacted === lines.values ? text : lines.with(redacted));
  }

  /**
   * A text of JSON, redacted inside. The outermost one stays as it is but for the finds, if that will do: spaces, the
   * order and number of keys, and the digits of large numbers. Else it is written anew.
   */
  #json(text: string, parsed: unknown, depth: number, nesting: number, mayStay = nesting === 0): string {
    const counts = { ...this.counts };
    const redacted = this.#value(parsed, '', depth, nesting + 1, null);
    // Of two equal keys, parsing has lost one.
    if (redacted === parsed) return this.#plain(text);
    const written = this.counts;
    if (mayStay) {
      this.counts = counts;
      const inPlace = this.#plain(text);
      const again = parseJson(inPlace, this.work);
      const inPlaceCounts = { ...this.counts };
      if (again !== undefined && this.#value(again, '', depth, nesting + 1, null) === again) {
        this.counts = inPlaceCounts;
        return inPlace;
      }
    }
    this.counts = written;
    return this.#plain(JSON.stringify(redacted, null, /[{[]\s*\n/.test(text.slice(0, 64)) ? 2 : 0));
  }

  /** A text that is no JSON, redacted: media first, so that nothing searches them. */
  #plain(text: string): string {
    const parts = mediaParts(text);
    if (parts === null) return this.text.idle ? text : this.text.redact(text, this.counts, this.work);
    this.work.spend(text.length);
    let result = '';
    for (const part of parts) {
      if (part.summary === null) {
        result += this.text.idle ? part.text : this.text.redact(part.text, this.counts, this.work);
      } else {
        result += this.options.keepMedia ? part.text : this.#media(part.summary);
      }
    }
    // What stood on both sides stands together now.
    return this.options.keepMedia || this.text.idle ? result : this.text.redact(result, this.counts, this.work);
  }

  #media(summary: string): string {
    this.counts[MEDIA] = (this.counts[MEDIA] ?? 0) + 1;
    return summary;
  }

  #number(value: number, strength: NameStrength | null): unknown {
    if (strength === 'sure' && this.#isCredential(String(value), strength)) {
      return this.text.placeholder(this.#credential, String(value), this.counts);
    }
    if ((value < SMALLEST_FIND && !this.text.hasPatterns) || this.text.idle) return value;
    const digits = String(value);
    const [find] = this.text.finds(digits, this.work);
    const rank = find === undefined ? this.#rankOfLarge(value, digits) : find.rank;
    return rank === -1 ? value : this.text.placeholder(rank, digits, this.counts);
  }

  /** Of numbers beyond 2^53 the last digits are lost, and a check digit with them: there the rest decides. */
  #rankOfLarge(value: number, digits: string): number {
    if (value <= Number.MAX_SAFE_INTEGER || digits.length > 19) return -1;
    if (digits.length === 18 && isBornSomewhere(digits)) return this.text.rankOf('identity_card');
    return digits.startsWith('62') && isIssued(digits, digits.length) ? this.text.rankOf('bank_card') : -1;
  }

  #isCredential(value: string, strength: NameStrength): boolean {
    return this.#credential !== -1 && isSecretValue(value, strength) && !this.text.isPlaceholder(value);
  }

  /** Notes what becomes of the pieces of a stream, for when they are come by. */
  #redactStream(chunks: readonly unknown[]): void {
    const parse = (holder: object, key: string | number, text: string): object | null => {
      const parsed = parseJson(text, this.work);
      if (typeof parsed !== 'object' || parsed === null) return null;
      entryOf(this.#parsed, holder).set(key, parsed);
      return parsed;
    };
    for (const pieces of streamTexts(chunks, parse)) {
      const before = pieces.map(({ text }) => text);
      redactStream(pieces, this.text, this.counts, this.work);
      for (const [index, { holder, key, text }] of pieces.entries()) {
        if (text !== before[index]) entryOf(this.#rewritten, holder).set(key, text);
      }
    }
  }
}

function entryOf<Value>(map: Map<object, Map<string | number, Value>>, holder: object): Map<string | number, Value> {
  let entry = map.get(holder);
  if (entry === undefined) {
    entry = new Map();
    map.set(holder, entry);
  }
  return entry;
}

function factsOf(key: string): KeyFacts {
  return { strength: nameStrength(key), media: mayHoldMedia(key) };
}

/** A copy of an object in the making: same order, and a key of its own for each value. */
class ObjectCopy {
  readonly value: Record<string, unknown> = {};
  readonly #taken = new Map<string, number>();

  /** Copies what stands before the first key that changes. */
  constructor(object: Readonly<Record<string, unknown>>, before: string) {
    for (const key in object) {
      if (key === before) break;
      this.set(key, object[key]);
    }
  }

  set(key: string, value: unknown): void {
    let free = key;
    // Two keys with an address each become the same placeholder.
    for (let number = this.#taken.get(key) ?? 1; Object.hasOwn(this.value, free); ) {
      number += 1;
      free = `${key}#${number}`;
      this.#taken.set(key, number);
    }
    // An assignment to `__proto__` would set something else.
    Object.defineProperty(this.value, free, { value, writable: true, enumerable: true, configurable: true });
  }
}
