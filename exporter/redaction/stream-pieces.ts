/** One string of a list of chunks, and where it stands. */
export interface Piece {
  readonly holder: object;
  readonly key: string | number;
  text: string;
}

/** Keys of the text in chunks, by provider: OpenAI, Anthropic, Gemini, DashScope, Ollama. */
const TEXT_KEYS = new Set([
  ...['content', 'text', 'arguments', 'partial_json', 'thinking', 'reasoning_content', 'reasoning', 'delta'],
  ...['input', 'transcript', 'refusal', 'response', 'output_text', 'output', 'code', 'completion', 'generated_text'],
]);
/** A list with an object that has one of these is a stream of chunks. */
const CHUNK_KEYS = ['delta', 'choices', 'candidates', 'content_block', 'done', 'output', 'event', 'is_finished'];
/** Numbers and ids that tell which of several texts a chunk goes on with. */
const IDENTITY_KEYS = ['index', 'output_index', 'content_index', 'item_id'];
/** A list of longer strings is one of texts that have nothing to do with each other: UTF-16 units on average. */
const MEAN_FRAGMENT = 24;
/** Deeper in a chunk there is no text. */
const MAX_CHUNK_DEPTH = 24;
/** So many elements are looked at to tell what a list is. */
const SAMPLED = 8;

export type ListKind = 'stream' | 'parts' | 'strings' | 'other';

/** What kind of list of pieces an array is, by its first elements. */
export function listKind(list: readonly unknown[]): ListKind {
  if (list.length < 2) return 'other';
  let kind: ListKind = 'other';
  for (let index = 0; index < list.length && index < SAMPLED; index += 1) {
    const element = list[index];
    if (typeof element === 'string') {
      if (kind === 'other') kind = 'strings';
    } else if (typeof element === 'object' && element !== null && !Array.isArray(element)) {
      if (isChunk(element)) return 'stream';
      if ('text' in element && kind === 'other') kind = 'parts';
    }
  }
  return kind === 'strings' && !areFragments(list) ? 'other' : kind;
}

/** Whether the strings of a list are as short as what a model gives out at a time. */
function areFragments(list: readonly unknown[]): boolean {
  let characters = 0;
  for (const element of list) if (typeof element === 'string') characters += element.length;
  return characters <= list.length * MEAN_FRAGMENT;
}

function isChunk(element: object): boolean {
  for (const key of CHUNK_KEYS) if (key in element) return true;
  const { type, data } = element as { type?: unknown; data?: unknown };
  return (typeof type === 'string' && type.endsWith('delta')) || (typeof data === 'string' && data.startsWith('{'));
}

/**
 * Collects the texts of a stream, each as its pieces in order: the strings with the same path through each chunk, where
 * an `index` in an object says more than its place in an array.
 *
 * @param parsed gives the object or array that a string holds as JSON; null when it holds none
 */
export function streamTexts(
  chunks: readonly unknown[],
  parsed: (holder: object, key: string | number, text: string) => object | null,
): Piece[][] {
  const texts = new Map<string, Piece[]>();
  const visit = (
    value: unknown,
    holder: object,
    key: string | number,
    path: string,
    isText: boolean,
    depth = 0,
  ): void => {
    if (depth > MAX_CHUNK_DEPTH) return;
    if (typeof value === 'string') {
      if (key === 'data' && value.startsWith('{')) {
        const inner = parsed(holder, key, value);
        if (inner !== null) visit(inner, holder, key, path, false, depth + 1);
      }
      if (!isText) return;
      const pieces = texts.get(path);
      if (pieces === undefined) texts.set(path, [{ holder, key, text: value }]);
      else pieces.push({ holder, key, text: value });
    } else if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) {
        const element: unknown = value[index];
        visit(element, value, index, `${path}[${placeOf(element, index)}]`, isText, depth + 1);
      }
    } else if (typeof value === 'object' && value !== null) {
      const object = value as Record<string, unknown>;
      for (const name in object) {
        const inner = object[name];
        if (typeof inner === 'string' ? !TEXT_KEYS.has(name) && name !== 'data' : typeof inner !== 'object') continue;
        visit(inner, object, name, `${path}.${name}`, TEXT_KEYS.has(name), depth + 1);
      }
    }
  };
  for (let index = 0; index < chunks.length; index += 1) {
    const chunk = chunks[index];
    if (typeof chunk === 'object' && chunk !== null) visit(chunk, chunks, index, identityOf(chunk), false);
  }
  return [...texts.values()].filter((pieces) => pieces.length > 1);
}

/** The strings of a list, or the `text` of its parts, which may belong together. */
export function looseText(list: readonly unknown[]): Piece[] {
  const pieces: Piece[] = [];
  for (const [index, element] of list.entries()) {
    if (typeof element === 'string') pieces.push({ holder: list, key: index, text: element });
    else if (typeof element === 'object' && element !== null) {
      const { text } = element as { text?: unknown };
      if (typeof text === 'string') pieces.push({ holder: list, key: index, text });
    }
  }
  return pieces;
}

function placeOf(element: unknown, index: number): number {
  if (typeof element !== 'object' || element === null) return index;
  const named = (element as { index?: unknown }).index;
  return typeof named === 'number' ? named : index;
}

function identityOf(element: object): string {
  let identity = '';
  for (const key of IDENTITY_KEYS) {
    const value = (element as Record<string, unknown>)[key];
    if (typeof value === 'number' || typeof value === 'string') identity += `${key}=${value};`;
  }
  return identity;
}

/** Whether each piece goes on from all of the one before it, as in streams that repeat the text so far. */
export function isCumulative(pieces: readonly Piece[]): boolean {
  let grown = false;
  for (let index = 1; index < pieces.length; index += 1) {
    const before = pieces[index - 1]!.text;
    const { text } = pieces[index]!;
    if (!text.startsWith(before)) return false;
    if (text.length > before.length && before.length > 1) grown = true;
  }
  return grown;
}
