import type { Place, Problems } from '../../config/config-error.js';
import type { Entry, Fields } from '../../config/kind.js';
import { nearest } from '../../config/nearest.js';
import { quoted } from '../../config/tree.js';

/** One reading of the file, as its parts are checked. */
export interface Reading {
  readonly problems: Problems;
  /** What is good, but perhaps not what was meant. */
  readonly notes: Problems;
  /** Dotted paths of what was refused by itself: what follows from it is no mistake of its own. */
  readonly refused: ReadonlySet<string>;
}

/** Where a key was written, or else its mapping. */
export function placeOf<F extends Fields>(entry: Entry<F>, name: keyof F & string): Place {
  return entry.places.get(name) ?? entry.place;
}

/** Tells of a key of an entry. */
export function refuse<F extends Fields>(
  { problems }: Reading,
  entry: Entry<F>,
  name: keyof F & string,
  found: string,
  allowed: string | null = null,
  hint: string | null = null,
): void {
  problems.add(placeOf(entry, name), pathOf(entry, name), found, allowed, hint);
}

/** Whether what stands there was refused by itself. */
export function isRefused<F extends Fields>({ refused }: Reading, entry: Entry<F>, name: keyof F & string): boolean {
  return refused.has(pathOf(entry, name));
}

export function pathOf<F extends Fields>(entry: Entry<F>, name: keyof F & string): string {
  return entry.key === '' ? name : `${entry.key}.${name}`;
}

/** As many as a person reads. */
const MOST_SHOWN = 20;

/** What to write instead of a name that is not there. */
export function meant(name: string, known: Iterable<string>, otherwise: string): string {
  const names = [...known];
  const near = nearest(name, names);
  if (near !== null) return `Did you mean ${near}?`;
  if (names.length === 0) return otherwise;
  const more = names.length > MOST_SHOWN ? ` and ${names.length - MOST_SHOWN} more` : '';
  return `Known: ${names.slice(0, MOST_SHOWN).join(', ')}${more}.`;
}

/** `unknown contact "ops"`. */
export function unknown(what: string, name: string): string {
  return `unknown ${what} ${quoted(name)}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
