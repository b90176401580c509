import { RE2JS, RE2JSException } from 're2js';
import { DETECTOR_NAMES, MEDIA } from './catalogue.js';
import type { Report } from './detector.js';
import { REDACTION_ACTIONS, type RedactionAction, type RedactionPattern, RedactorOptionsError } from './options.js';
import type { Work } from './work.js';

export const MAX_PATTERNS = 32;
export const MAX_PATTERN_LENGTH = 1000;
/** Instructions of a compiled pattern: each may be tried on each character. */
export const MAX_PATTERN_INSTRUCTIONS = 2000;
export const PATTERN_NAME = /^[a-z][a-z0-9_]{0,31}$/;

/**
 * Matching once takes linear time, but matching again behind each match need not: each time the text may be read to its
 * end. So a long text is matched in windows, cut where there is white space if there is some, which overlap by as much.
 */
const WINDOW = 1024;
/** A longer match may be found in part. */
export const LONGEST_MATCH = 512;
/** A character costs an engine that may follow many branches this much more than a detector. */
const STEPS_PER_CHARACTER = 16;

export interface CompiledPattern {
  readonly name: string;
  readonly action: RedactionAction;
  find(text: string, report: Report, work: Work): void;
}

/** @throws RedactorOptionsError when one does not compile, is too large, matches the empty text, or is named wrongly */
export function compilePatterns(patterns: readonly RedactionPattern[]): readonly CompiledPattern[] {
  if (patterns.length > MAX_PATTERNS) {
    throw new RedactorOptionsError(`at most ${MAX_PATTERNS} patterns are possible, not ${patterns.length}`);
  }
  const taken = new Set<string>([...DETECTOR_NAMES, MEDIA, 'dropped', 'truncated']);
  return patterns.map((pattern) => {
    const compiled = compile(pattern);
    if (taken.has(pattern.name)) {
      throw new RedactorOptionsError(`the pattern name ${pattern.name} is taken: give each pattern a name of its own`);
    }
    taken.add(pattern.name);
    return compiled;
  });
}

function compile({ name, pattern, action = 'mask' }: RedactionPattern): CompiledPattern {
  if (!PATTERN_NAME.test(name)) {
    throw new RedactorOptionsError(
      `the pattern name ${JSON.stringify(name)} must be 1 to 32 small letters, digits and _, and begin with a letter`,
    );
  }
  if (!REDACTION_ACTIONS.includes(action)) {
    throw new RedactorOptionsError(`the action of the pattern ${name} must be ${REDACTION_ACTIONS.join(', ')}`);
  }
  if (pattern === '' || pattern.length > MAX_PATTERN_LENGTH) {
    throw new RedactorOptionsError(
      `the pattern ${name} must have 1 to ${MAX_PATTERN_LENGTH} characters, not ${pattern.length}`,
    );
  }
  const compiled = compiledPattern(name, pattern);
  if (compiled.programSize() > MAX_PATTERN_INSTRUCTIONS) {
    throw new RedactorOptionsError(`the pattern ${name} is too large: use smaller counts of repetition`);
  }
  if (compiled.test('')) {
    throw new RedactorOptionsError(`the pattern ${name} matches the empty text: use + instead of *, or add a letter`);
  }
  return { name, action, find: (text, report, work) => findAll(compiled, text, report, work) };
}

function compiledPattern(name: string, pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new RedactorOptionsError(
      `the pattern ${name} is no regular expression of RE2 (without backreferences and lookaround): ${error.message}`,
    );
  }
}

function findAll(pattern: RE2JS, text: string, report: Report, work: Work): void {
  work.spend(text.length);
  if (!pattern.test(text)) return;
  let from = 0;
  for (;;) {
    const to = windowEnd(text, from);
    const window = from === 0 && to === text.length ? text : text.slice(from, to);
    const matcher = pattern.matcher(window);
    work.spend(window.length);
    // What begins in the part that overlaps is left to the next window, which sees all of it.
    const own = to === text.length ? to : to - LONGEST_MATCH;
    let next = own;
    while (matcher.find()) {
      const start = from + matcher.start();
      const end = from + matcher.end();
      work.spend(STEPS_PER_CHARACTER * (to - end));
      if (start >= own) break;
      if (end > start) report(start, end);
      next = Math.max(next, end);
    }
    if (to === text.length) return;
    from = next;
  }
}

function windowEnd(text: string, from: number): number {
  const furthest = from + WINDOW + LONGEST_MATCH;
  if (furthest >= text.length) return text.length;
  for (let at = furthest; at > furthest - LONGEST_MATCH / 4; at -= 1) if (text.charCodeAt(at) <= 32) return at;
  // Not between the halves of a pair.
  return text.slice(furthest - 1, furthest + 1).isWellFormed() ? furthest : furthest - 1;
}
