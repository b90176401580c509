import type { Work } from './work.js';

/** Called with where a find begins and ends, in UTF-16 units of the text that was searched. */
export type Report = (start: number, end: number) => void;

/** Finds one kind of sensitive text. */
export interface Detector {
  /** Triggers of which the text must have one for anything to be there; see `triggers.ts`. */
  readonly triggers: number;
  /**
   * Reports every find. Takes time linear in the length of the text, whatever the text, and spends a step of `work`
   * for each character that it looks at.
   */
  find(text: string, report: Report, work: Work): void;
  /**
   * What two finds that mean the same have in common; their hashes are equal then.
   * @param value the find as it is read
   */
  canonical(value: string): string;
}
