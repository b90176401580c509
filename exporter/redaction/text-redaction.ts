import { createHmac } from 'node:crypto';
import { DETECTORS, MEDIA } from './catalogue.js';
import type { Detector, Report } from './detector.js';
import { type Find, merged, outsidePlaceholders, placeholdersIn, withoutOverlaps } from './finds.js';
import { readingOf } from './folding.js';
import { type RedactionAction, type RedactorOptions, RedactorOptionsError } from './options.js';
import { compilePatterns } from './patterns.js';
import { DISGUISE, triggersOf } from './triggers.js';
import { WITHHELD_REASONS, Withhold, type Work } from './work.js';

/** Redacted strings by detector. */
export type Counts = Record<string, number>;

/** Passes over one text: the finds of one may have hidden those of the next by standing right beside them. */
const MOST_PASSES = 16;
const HASH_DIGITS = 12;
const SHORTEST_HASH_KEY = 16;
/** No find is shorter: `a@b.cc`. A pattern's may be. */
const SHORTEST_FIND = 6;

interface Rule {
  readonly name: string;
  readonly action: RedactionAction;
  /** 0 = looks at every text. */
  readonly triggers: number;
  find(text: string, report: Report, work: Work): void;
  canonical(value: string): string;
}

/** Finds and replaces within plain text, without regard to what the text is part of. */
export class TextRedaction {
  /** In order of rank. */
  readonly #rules: readonly Rule[];
  readonly #names: ReadonlySet<string>;
  readonly #hashKey: Uint8Array | string;
  readonly #shortest: number;

  /** @throws RedactorOptionsError */
  constructor(options: RedactorOptions) {
    const enabled = options.detectors ?? DETECTORS.map(({ name }) => name);
    for (const name of [...enabled, ...Object.keys(options.actions ?? {})]) {
      if (!DETECTORS.some((entry) => entry.name === name)) {
        const names = DETECTORS.map((entry) => entry.name).join(', ');
        throw new RedactorOptionsError(`there is no detector ${name}: the detectors are ${names}`);
      }
    }
    const patterns = compilePatterns(options.patterns ?? []);
    // A pattern knows better what it finds than a detector does.
    this.#rules = [
      ...patterns.map((pattern) => ({ ...pattern, triggers: 0, canonical: (value: string) => value })),
      ...DETECTORS.filter(({ name }) => enabled.includes(name)).map(({ name, detector }) =>
        ruleOf(name, detector, options.actions?.[name] ?? 'mask'),
      ),
    ];
    this.#names = new Set([...DETECTORS.map(({ name }) => name), MEDIA, ...patterns.map(({ name }) => name)]);
    this.#shortest = patterns.length > 0 ? 1 : SHORTEST_FIND;
    this.#hashKey = options.hashKey ?? '';
    if (this.#rules.some(({ action }) => action === 'hash') && this.#hashKey.length < SHORTEST_HASH_KEY) {
      throw new RedactorOptionsError(`the action hash needs a hash key of ${SHORTEST_HASH_KEY} bytes or more`);
    }
  }

  /** Whether a detector or pattern looks at all. */
  get idle(): boolean {
    return this.#rules.length === 0;
  }

  /** Whether there are patterns: they may find anything anywhere. */
  get hasPatterns(): boolean {
    return this.#shortest === 1;
  }

  /** A shorter text has no finds: UTF-16 units. */
  get shortest(): number {
    return this.#shortest;
  }

  /** Whether a text is what a redaction put in place of another, and nothing else. */
  isPlaceholder(text: string): boolean {
    const name = /^\[(?:dropped:)?([a-z][a-z0-9_]{0,31})(?::[0-9a-f]{12})?\]$/.exec(text)?.[1];
    return name !== undefined && this.#names.has(name);
  }

  /** What in a text is redacted, or has to be: its finds, and the placeholders of an earlier redaction. */
  occupied(text: string, work: Work): readonly { start: number; end: number }[] {
    const placeholders = placeholdersIn(text, this.#names).map(([start, end]) => ({ start, end }));
    return [...this.finds(text, work), ...placeholders];
  }

  /** The rank of a detector; -1 when it is off. */
  rankOf(name: string): number {
    return this.#rules.findIndex((rule) => rule.name === name);
  }

  /** Whether finds within a text make it go as a whole. */
  isDropped(finds: readonly Find[]): boolean {
    return finds.some(({ rank }) => this.#rules[rank]!.action === 'drop');
  }

  /** Every find in a text, sorted and without overlaps. Usually an empty array, the same each time. */
  finds(text: string, work: Work): readonly Find[] {
    if (text.length < this.#shortest) return NOTHING;
    work.spend(text.length);
    const triggers = triggersOf(text);
    const written = this.#look(text, triggers, work);
    const finds = (triggers & DISGUISE) === 0 ? written : this.#alsoAsRead(text, written, work);
    return finds.length === 0 ? NOTHING : merged(outsidePlaceholders(text, finds, this.#names));
  }

  /** The finds in a text as it is written, and those that only reading it shows. */
  #alsoAsRead(text: string, written: Find[], work: Work): Find[] {
    work.spend(2 * text.length);
    const reading = readingOf(text);
    if (reading === null) return written;
    const { text: read, offsets } = reading;
    const asRead = this.#look(read, triggersOf(read), work);
    for (const find of asRead) {
      find.start = offsets[find.start]!;
      find.end = offsets[find.end]!;
    }
    // As it is written `\\n` is a letter before an address: where both find something, reading is right.
    return [...withoutOverlaps(written, asRead), ...asRead];
  }

  /**
   * A text with everything in it redacted, and again until nothing is found. Counts what it replaces.
   * @throws Withhold
   */
  redact(text: string, counts: Counts, work: Work): string {
    let redacted = text;
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const finds = this.finds(redacted, work);
      if (finds.length === 0) return redacted;
      redacted = this.replaced(redacted, finds, counts);
    }
    throw new Withhold(WITHHELD_REASONS.unstable);
  }

  /** The text with placeholders in place of finds, or one for all of it. */
  replaced(text: string, finds: readonly Find[], counts: Counts): string {
    if (this.isDropped(finds)) return this.dropped(finds, counts);
    const placeholders = this.placeholders(text, finds, counts);
    let result = '';
    let from = 0;
    for (const [index, find] of finds.entries()) {
      result += text.slice(from, find.start) + placeholders[index]!;
      from = find.end;
    }
    return result + text.slice(from);
  }

  /** What stands in place of each find: with quotes where a number stood in JSON text. */
  placeholders(text: string, finds: readonly Find[], counts: Counts): string[] {
    const json = opensAsJson(text);
    return finds.map((find) => {
      const placeholder = this.placeholder(find.rank, find.value, counts);
      return json && isBareInJson(text, find) ? `"${placeholder}"` : placeholder;
    });
  }

  /** What stands in place of a value that a rule found; counts it. */
  placeholder(rank: number, value: string, counts: Counts): string {
    const { name, action, canonical } = this.#rules[rank]!;
    counts[name] = (counts[name] ?? 0) + 1;
    if (action === 'drop') return `[dropped:${name}]`;
    if (action === 'mask') return `[${name}]`;
    const hash = createHmac('sha256', this.#hashKey).update(name).update('\0').update(canonical(value));
    return `[${name}:${hash.digest('hex').slice(0, HASH_DIGITS)}]`;
  }

  /** What stands in place of a text that goes as a whole. */
  dropped(finds: readonly Find[], counts: Counts): string {
    let result = '';
    for (const { rank, value } of finds) {
      const placeholder = this.placeholder(rank, value, counts);
      if (result === '' && this.#rules[rank]!.action === 'drop') result = placeholder;
    }
    return result;
  }

  #look(text: string, triggers: number, work: Work): Find[] {
    const finds: Find[] = [];
    for (let rank = 0; rank < this.#rules.length; rank += 1) {
      const rule = this.#rules[rank]!;
      if (rule.triggers !== 0 && (rule.triggers & triggers) === 0) continue;
      rule.find(
        text,
        (start, end) => finds.push({ start, end, rank, length: end - start, value: text.slice(start, end) }),
        work,
      );
    }
    return finds;
  }
}

const NOTHING: readonly Find[] = [];

function ruleOf(name: string, detector: Detector, action: RedactionAction): Rule {
  return {
    name,
    action,
    triggers: detector.triggers,
    find: (text, report, work) => detector.find(text, report, work),
    canonical: (value) => detector.canonical(value),
  };
}

function opensAsJson(text: string): boolean {
  const opening = /^\s{0,64}(.)/.exec(text)?.[1];
  return opening === '{' || opening === '[';
}

/** Whether a find stands in JSON text as a number does, so that a placeholder needs quotes there. */
function isBareInJson(text: string, { start, end }: Find): boolean {
  const first = text.charCodeAt(start);
  if (first < 48 || first > 57) return false;
  let before = start - 1;
  while (before > 0 && start - before < 64 && text.charCodeAt(before) <= 32) before -= 1;
  let after = end;
  while (after < text.length && after - end < 64 && text.charCodeAt(after) <= 32) after += 1;
  return /[:,[]/.test(text[before] ?? '') && (after >= text.length || /[,\]}]/.test(text[after]!));
}
