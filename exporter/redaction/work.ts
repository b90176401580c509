/** Why content was withheld; fixed texts, so that nothing of the content is in them. */
export const WITHHELD_REASONS = {
  depth: 'nested too deep to be redacted',
  size: 'too large to be redacted',
  steps: 'too much work to be redacted',
  unstable: 'redaction came to no end',
  failed: 'redaction failed',
} as const;

export type WithheldReason = (typeof WITHHELD_REASONS)[keyof typeof WITHHELD_REASONS];

/** Ends a redaction: the content is withheld as a whole. */
export class Withhold extends Error {
  constructor(readonly reason: WithheldReason) {
    super(reason);
  }
}

/** Granted whatever the size: a short text may hold one awkward finding after the other. */
const FREE_STEPS = 1_000_000;
/**
 * Ordinary texts take 1 to 10 steps a character; JSON that is nested in strings takes that once for each level, and a
 * text with findings once for each pass. The worst texts of the tests stay below 400, all detectors and passes together.
 */
const STEPS_PER_CHARACTER = 2_000;

/**
 * Counts what a redaction does, in characters looked at. No clock decides: the same content is withheld on every
 * machine, or on none.
 */
export class Work {
  /** Steps so far. */
  spent = 0;
  #characters = 0;
  #limit = FREE_STEPS;

  /** @param maxCharacters UTF-16 units of all strings together beyond which nothing is redacted */
  constructor(readonly maxCharacters: number) {}

  /** Registers a string of the content, which brings its own allowance. */
  admit(characters: number): void {
    this.#characters += characters;
    if (this.#characters > this.maxCharacters) throw new Withhold(WITHHELD_REASONS.size);
    this.#limit = FREE_STEPS + this.#characters * STEPS_PER_CHARACTER;
  }

  spend(steps: number): void {
    this.spent += steps;
    if (this.spent > this.#limit) throw new Withhold(WITHHELD_REASONS.steps);
  }
}
