import type { Place } from './config-error.js';

/** A value with the place where it was written. Knows nothing of YAML and nothing of the keys. */
export type Tree = ScalarTree | ListTree | MapTree;

export type Scalar = string | number | boolean | null;

export interface ScalarTree {
  type: 'scalar';
  place: Place;
  value: Scalar;
}

export interface ListTree {
  type: 'list';
  place: Place;
  items: readonly Tree[];
}

export interface MapTree {
  type: 'map';
  place: Place;
  /** Names are unique. */
  entries: readonly MapEntry[];
}

export interface MapEntry {
  name: string;
  place: Place;
  value: Tree;
}

/** A plain value as a tree, for defaults: every part of it has the same place. */
export function treeOf(value: Scalar | readonly Scalar[], place: Place): Tree {
  if (typeof value !== 'object' || value === null) return { type: 'scalar', place, value };
  return { type: 'list', place, items: value.map((item) => treeOf(item, place)) };
}

export function isNothing(tree: Tree): boolean {
  return tree.type === 'scalar' && tree.value === null;
}

/** What stands there, for an error: `found "64MB"`, `found 12`, `found a list`, `found nothing`. */
export function describe(tree: Tree): string {
  if (tree.type !== 'scalar' || tree.value === null) return describeHidden(tree);
  return `found ${typeof tree.value === 'string' ? quoted(tree.value) : tree.value}`;
}

/** The same where a secret may stand: tells what it is, never what it says. */
export function describeHidden(tree: Tree): string {
  if (tree.type === 'list') return 'found a list';
  if (tree.type === 'map') return 'found a mapping';
  if (tree.value === null) return 'found nothing';
  if (typeof tree.value === 'string') return `found a text of ${tree.value.length} characters (not shown)`;
  return `found a ${typeof tree.value} (not shown)`;
}

/** A text in double quotes, on one line and of bounded length. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
