import { counted, grouped } from './figures.js';

/** How far a replay has come. */
export interface ProgressFacts {
  /** Records with a known end. */
  done: number;
  perSecond: number;
  /** Of the input's bytes, from 0 to 1; null where nobody knows how many there are. */
  share: number | null;
  retries: number;
  /** What it waits for; empty when it does not. */
  waiting: string;
}

const WIDEST_BAR = 30;
const NARROWEST_BAR = 8;
const GREEN = '\u001b[32m';
const PLAIN = '\u001b[39m';

/** One line of at most `columns` characters: what does not fit is left out, the least important first. */
export function progressBar(facts: ProgressFacts, columns: number, colour: boolean): string {
  const needed = needsOf(facts);
  // A character in the last column makes some terminals begin a new line.
  const room = columns - 1;
  while (needed.length > 1 && needed.join('  ').length > room) needed.pop();
  const text = needed.join('  ');
  const barRoom = Math.min(WIDEST_BAR, room - text.length - 4);
  if (facts.share === null || barRoom < NARROWEST_BAR) return text.slice(0, Math.max(0, room));
  const full = Math.round(barRoom * facts.share);
  const filled = '='.repeat(full);
  const bar = `[${colour && full > 0 ? GREEN + filled + PLAIN : filled}${' '.repeat(barRoom - full)}]`;
  return `${bar}  ${text}`;
}

/** The same for a log file. */
export function progressText(facts: ProgressFacts): string {
  return needsOf(facts).join(', ');
}

function needsOf({ done, perSecond, share, retries, waiting }: ProgressFacts): string[] {
  const needed = [counted(done, 'record')];
  if (share !== null) needed.push(`${Math.floor(share * 100)} %`);
  needed.push(`${grouped(perSecond)}/s`);
  if (waiting !== '') needed.push(waiting);
  if (retries > 0) needed.push(counted(retries, 'retry', 'retries'));
  return needed;
}
