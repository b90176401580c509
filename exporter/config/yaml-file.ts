import { readFileSync, statSync } from 'node:fs';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, Parser, parseDocument } from 'yaml';
import type { Place, Problems } from './config-error.js';
import type { MapEntry, Tree } from './tree.js';
import { complaintOf } from './yaml-complaints.js';

/** A configuration is a few kilobytes; this only keeps a wrong path from filling the memory. */
const MOST_BYTES = 4 * 2 ** 20;

/** Far above what any key needs. The YAML composer recurses, and a deep enough file would end the process. */
const MOST_LEVELS = 64;

/**
 * Reads a YAML file with the places of its values.
 *
 * @param path where it is
 * @param shown the name by which errors call it
 * @returns null when it is empty or unusable (then `problems` says why), `missing` when it is not there
 */
export function readYamlFile(path: string, shown: string, problems: Problems): Tree | null | 'missing' {
  const place = { file: shown, line: null, column: null };
  let text: string;
  try {
    if (statSync(path).size > MOST_BYTES) {
      problems.add(place, '', 'too large', `at most ${MOST_BYTES} bytes`);
      return null;
    }
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    if (error instanceof TypeError) problems.add(place, '', 'not a text file in UTF-8');
    else problems.add(place, '', `cannot be read (${code ?? 'unknown reason'})`);
    return null;
  }
  return parseYaml(text, shown, problems);
}

/** The same for a text already read. */
export function parseYaml(text: string, shown: string, problems: Problems): Tree | null {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file: shown, line, column: col };
  };
  if (levelsOf(text) > MOST_LEVELS) {
    problems.add({ file: shown, line: null, column: null }, '', `nested deeper than ${MOST_LEVELS} levels`);
    return null;
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    // Duplicates are found below, where both lines are known.
    uniqueKeys: false,
    // Pretty errors quote the line, and the line may hold a secret.
    prettyErrors: false,
    logLevel: 'error',
  });
  const complaints = [...document.errors, ...document.warnings];
  const seen = new Set<number | null>();
  for (const { code, pos } of complaints) {
    const place = at(pos[0]);
    // One slip makes the parser stumble on through the rest of the line.
    if (!seen.has(place.line)) problems.add(place, '', complaintOf(code).found, null, complaintOf(code).hint);
    seen.add(place.line);
  }
  if (complaints.length > 0 || document.contents === null) return null;
  const before = problems.list.length;
  const tree = toTree(document.contents, at(0), at, problems);
  return problems.list.length === before ? tree : null;
}

/** How deep collections are nested, found without recursion. */
function levelsOf(text: string): number {
  let deepest = 0;
  const open: [token: unknown, level: number][] = [...new Parser().parse(text)].map((token) => [token, 0]);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, level] = next;
    deepest = Math.max(deepest, level);
    const { value, items } = token as { value?: unknown; items?: { key?: unknown; value?: unknown }[] };
    for (const inner of [value, ...(items ?? []).flatMap((item) => [item.key, item.value])]) {
      if (typeof inner === 'object' && inner !== null) open.push([inner, level + 1]);
    }
  }
  return deepest;
}

type Node = Document['contents'] | undefined;

function toTree(node: unknown, fallback: Place, at: (offset: number) => Place, problems: Problems): Tree {
  const start = (node as Node)?.range?.[0];
  const place = start === undefined ? fallback : at(start);
  if (isMap(node)) {
    return { type: 'map', place, entries: entriesOf(node.items, place, at, problems) };
  }
  if (isSeq(node)) {
    return { type: 'list', place, items: node.items.map((item) => toTree(item, place, at, problems)) };
  }
  if (isAlias(node)) {
    // Once a line: a file built to explode has very many.
    if (problems.list.at(-1)?.line !== place.line) {
      problems.add(place, '', 'found an alias (*name)', null, 'Write the value out, or put it in quotes.');
    }
  } else if (isScalar(node) && isPlain(node.value)) {
    return { type: 'scalar', place, value: node.value };
  } else if (node !== null && node !== undefined) {
    problems.add(place, '', 'found a value of a type that only YAML knows', null, 'Remove the tag (!…).');
  }
  return { type: 'scalar', place, value: null };
}

function entriesOf(pairs: Pair[], map: Place, at: (offset: number) => Place, problems: Problems): MapEntry[] {
  const entries = new Map<string, MapEntry>();
  for (const { key, value } of pairs) {
    const start = (key as Node)?.range?.[0];
    const place = start === undefined ? map : at(start);
    if (!isScalar(key) || !isPlain(key.value)) {
      problems.add(place, '', 'found something else where the name of a key belongs');
      continue;
    }
    // As it was written: the name 007 or null is a text here.
    const name = key.source ?? String(key.value);
    if (name === '<<' && key.type === 'PLAIN') {
      problems.add(place, '', 'found a merge key (<<)', null, 'Write the values out.');
      continue;
    }
    const first = entries.get(name);
    if (first !== undefined) {
      const found = `the same key as on line ${first.place.line}`;
      problems.add(place, /^[a-z_-]{1,32}$/i.test(name) ? name : '', found, null, 'Remove one of them.');
      continue;
    }
    entries.set(name, { name, place, value: toTree(value, place, at, problems) });
  }
  return [...entries.values()];
}

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
