import { ContentRedaction, KnownKeys } from './content-redaction.js';
import type { RedactorOptions } from './options.js';
import { type Counts, TextRedaction } from './text-redaction.js';
import { WITHHELD_REASONS, type WithheldReason, Withhold, Work } from './work.js';

/** Why there is no redacted content: a fixed text, in which nothing of the content stands. */
export interface Withheld {
  readonly withheld: WithheldReason;
}

export interface RedactedContent {
  /** The content: the same object where nothing in it changed. */
  readonly value: unknown;
  /** Replaced strings by name of detector or pattern, `media` for images and audio. */
  readonly counts: Readonly<Counts>;
}

export interface RedactedText {
  readonly text: string;
  readonly counts: Readonly<Counts>;
}

/** Redacts contents and texts by one set of options. Pure: the same input gives the same output. */
export interface Redactor {
  /**
   * Redacts any JSON value, such as a request or a response: strings, keys, numbers, JSON and server-sent events within
   * strings, and text that is split over the chunks of a stream. Never throws and never changes its input.
   */
  redactContent(value: unknown): RedactedContent | Withheld;
  /** Redacts one text, such as an error message or a tag. Never throws. */
  redactText(text: string): RedactedText | Withheld;
}

const MAX_CHARACTERS = 64 * 1024 * 1024;
const MAX_DEPTH = 200;

/**
 * @throws RedactorOptionsError which says what of the options is wrong
 * @example
 * const redactor = createRedactor({ actions: { email: 'hash' }, hashKey });
 * const redacted = redactor.redactContent({ request, response });
 * if ('withheld' in redacted) console.warn(redacted.withheld);
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const rules = options.mode === 'full' ? { ...options, detectors: [], patterns: [], actions: {} } : options;
  const text = new TextRedaction(rules);
  const known = new KnownKeys();
  const maxCharacters = options.maxCharacters ?? MAX_CHARACTERS;
  const content = { keepMedia: options.keepMedia ?? false, maxDepth: options.maxDepth ?? MAX_DEPTH };

  function redact(value: unknown): RedactedContent | Withheld {
    try {
      const redaction = new ContentRedaction(text, known, content, new Work(maxCharacters));
      return { value: redaction.redact(value), counts: redaction.counts };
    } catch (error) {
      // Whatever went wrong, raw content must not get through; nor may it stand in a message.
      return { withheld: error instanceof Withhold ? error.reason : WITHHELD_REASONS.failed };
    }
  }

  return {
    redactContent: redact,
    redactText(raw) {
      const redacted = redact(raw);
      return 'withheld' in redacted ? redacted : { text: String(redacted.value), counts: redacted.counts };
    },
  };
}
