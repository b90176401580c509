/**
 * Text as it stands in DingTalk's Markdown: whatever somebody has named a model, it makes no link, picture, heading, tag or mention,
 * and stays on its line.
 */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#!|~]/g, '\\$&')
    .replaceAll('://', '\\:\\/\\/')
    .replaceAll(/\bwww\./gi, (found) => `${found.slice(0, -1)}\\.`)
    .replaceAll('@', '＠');
}

/** Plain text on one line, for where no Markdown is understood. */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b-\u200d\u2060\ufeff\s]+/gu, ' ')
    .trim();
}

/** A text of so many characters at most. */
export function cutTo(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${[...text].slice(0, characters - 1).join('')}…`;
}

/** @returns null for an address that is none, or is too long to be clicked */
export function markdownLink(name: string, address: string | undefined, longest: number): string | null {
  if (address === undefined || !URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  const href = url.href.replaceAll(
    /[()<>[\]\\`'"\s|]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return href.length > longest ? null : `[${name}](${href})`;
}
