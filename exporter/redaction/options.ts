import type { DetectorName } from './catalogue.js';

/**
 * What becomes of a find:
 * - `mask`: a placeholder takes its place, `[email]`. Nothing of it is kept.
 * - `hash`: a placeholder with the first 12 hexadecimal digits of an HMAC-SHA256 of it, `[email:3f9a0c41d2b7]`: equal
 *   values stay recognisable, to nobody who lacks the key what they were.
 * - `drop`: the whole string in which it was found goes, `[dropped:email]`.
 */
export type RedactionAction = 'mask' | 'hash' | 'drop';
export const REDACTION_ACTIONS: readonly RedactionAction[] = ['mask', 'hash', 'drop'];

/** Somebody's own pattern. */
export interface RedactionPattern {
  /** Stands in the placeholder and in the counts; see `PATTERN_NAME`. */
  readonly name: string;
  /** In the syntax of RE2, which is matched in linear time: no backreferences, no lookaround. */
  readonly pattern: string;
  readonly action?: RedactionAction;
}

export interface RedactorOptions {
  /**
   * - `masked`: detectors and patterns act on content and text.
   * - `full`: content and text stay as they are, but for media.
   */
  readonly mode?: 'masked' | 'full';
  /** Which detectors look; all by default. */
  readonly detectors?: readonly DetectorName[];
  /** What is done with finds; `mask` where a detector is not named. */
  readonly actions?: Readonly<Partial<Record<DetectorName, RedactionAction>>>;
  readonly patterns?: readonly RedactionPattern[];
  /** Keeps images and audio instead of replacing them by type, size and hash. Bytes that are kept are not searched. */
  readonly keepMedia?: boolean;
  /** Key of the hashes, 16 bytes or more; needed where an action is `hash`. */
  readonly hashKey?: Uint8Array | string;
  /** UTF-16 units of all strings of one content beyond which it is withheld; 64 Mi by default. */
  readonly maxCharacters?: number;
  /** Nesting of objects and arrays beyond which content is withheld, JSON in strings included; 200 by default. */
  readonly maxDepth?: number;
}

/** Options of a redactor that it cannot be made with. The message says which and what is allowed. */
export class RedactorOptionsError extends Error {
  override readonly name = 'RedactorOptionsError';
}
