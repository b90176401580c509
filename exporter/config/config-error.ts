/** Where a value was written: a place in a file, or an environment variable (no line there). */
export interface Place {
  file: string;
  /** Counted from 1; null where there are no lines. */
  line: number | null;
  /** Counted from 1; null where there are no columns. */
  column: number | null;
}

/** One mistake in the configuration, with all that is needed to mend it. Never holds a secret. */
export interface Problem extends Place {
  /** Dotted path of the key, such as `auth.tokens[0].name`; empty = the file as a whole. */
  key: string;
  /** What stands there, such as `found "64MB"` or `unknown key`. */
  found: string;
  /** What may stand there; null where `found` says it all. */
  allowed: string | null;
  /** What to do next, a whole sentence; null where there is nothing to add. */
  hint: string | null;
}

/** Collects the mistakes of one load, so that all of them are reported at once. */
export class Problems {
  readonly list: Problem[] = [];

  add(place: Place, key: string, found: string, allowed: string | null = null, hint: string | null = null): void {
    this.list.push({ file: place.file, line: place.line, column: place.column, key, found, allowed, hint });
  }

  get none(): boolean {
    return this.list.length === 0;
  }
}

/** The configuration cannot be used. `message` shows every problem, one block each. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  /** @param problems at least one; shown file by file in order of lines */
  constructor(problems: readonly Problem[]) {
    const sorted = inReadingOrder(problems);
    super(sorted.map(renderProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = sorted;
  }
}

/** `FILE:LINE:COLUMN  KEY: FOUND.`, with what is allowed on a second line where there is more to say. */
export function renderProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  const first = `${place}  ${problem.key === '' ? '' : `${problem.key}: `}${problem.found}.`;
  if (problem.allowed === null) return problem.hint === null ? first : `${first} ${problem.hint}`;
  const second = `    Allowed: ${problem.allowed}.`;
  return problem.hint === null ? `${first}\n${second}` : `${first}\n${second} ${problem.hint}`;
}

function inReadingOrder(problems: readonly Problem[]): Problem[] {
  const environmentLast = problems.toSorted((a, b) => Number(a.line === null) - Number(b.line === null));
  const files = [...new Set(environmentLast.map((problem) => problem.file))];
  return problems.toSorted(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
