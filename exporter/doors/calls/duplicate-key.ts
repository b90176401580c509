/** The path of a key that stands twice in one object of JSON text, such as `usage.prompt_tokens`; null without one. */
export function findDuplicateKey(text: string): string | null {
  const levels: { keys: Set<string> | null; path: string; key: string }[] = [];
  let last: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    const level = levels[levels.length - 1];
    if (character === '"') {
      const end = endOfString(text, at + 1);
      last = JSON.parse(text.slice(at, end + 1)) as string;
      at = end;
    } else if (character === ':' && level?.keys && last !== null) {
      level.key = last;
      if (level.keys.has(last)) return join(level.path, last);
      level.keys.add(last);
    } else if (character === '{' || character === '[') {
      const path = level === undefined ? '' : join(level.path, level.key);
      levels.push({ keys: character === '{' ? new Set() : null, path, key: '' });
    } else if (character === '}' || character === ']') {
      levels.pop();
    }
  }
  return null;
}

/** Offset of the quote that ends a string of valid JSON. */
function endOfString(text: string, from: number): number {
  let at = from;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function join(path: string, key: string): string {
  return path === '' ? key : key === '' ? path : `${path}.${key}`;
}
