/** A matcher of Alertmanager for one value, whatever text it is. Both of its parsers, old and new, read it alike. */
export function equals(label: string, value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `${label}="${escaped}"`;
}

/** A matcher for several words that are no patterns, such as levels. */
export function oneOf(label: string, words: readonly string[]): string {
  return `${label}=~"${words.join('|')}"`;
}
