/** A text that a Go template shows as it is: its braces open nothing. */
export function literal(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
