/** A text as PromQL writes it. */
export function quoted(text: string): string {
  // JSON escapes quotes, backslashes and control characters as PromQL does, and everything else stands as it is: but for what
  // some readers take for the end of a line.
  return JSON.stringify(text).replace(
    /[\u0085\u2028\u2029\ufeff]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A regular expression (RE2) that matches the text and nothing else. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/**
 * A matcher for any of some values.
 *
 * @param values empty = all
 * @returns null where there is nothing to match
 */
export function anyOf(label: string, values: readonly string[]): string | null {
  if (values.length === 0) return null;
  const [only = ''] = values;
  if (values.length === 1) return equal(label, only);
  return `${label}=~${quoted(values.map(literally).join('|'))}`;
}

/** Line breaks, too: Prometheus 2 leaves them out of `.`. */
const ANYTHING = '(?s:.*)';

/** The same for names of which those that end in `*` are prefixes. */
export function anyOfNames(label: string, names: readonly string[]): string | null {
  if (!names.some((name) => name.endsWith('*'))) return anyOf(label, names);
  const patterns = names.map((name) =>
    name.endsWith('*') ? `${literally(name.slice(0, -1))}${ANYTHING}` : literally(name),
  );
  return `${label}=~${quoted(patterns.join('|'))}`;
}

/** `name{a,b}`, without braces where there are no matchers. */
export function selector(name: string, matchers: readonly (string | null)[]): string {
  const there = matchers.filter((matcher) => matcher !== null);
  return there.length === 0 ? name : `${name}{${there.join(',')}}`;
}

/** `label="value"`. */
export function equal(label: string, value: string): string {
  return `${label}=${quoted(value)}`;
}
