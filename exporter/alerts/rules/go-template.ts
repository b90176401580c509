/**
 * A text that a Go template shows as it is: its braces open nothing, neither among themselves nor together with the brace of
 * what comes behind it.
 */
export function literal(text: string): string {
  return text.replace(/\{(?=\{|$)/g, '{{ "{" }}');
}
