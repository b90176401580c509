/**
 * A text as the value of a label. U+FFFD becomes `?`: Loki's lexer takes the character for broken UTF-8, escaped or not, and refuses
 * the whole stream. The line has the text as it was.
 */
export function labelText(text: string): string {
  return text.toWellFormed().replaceAll('\ufffd', '?');
}
