import type { Problems } from './config-error.js';
import { readEntry } from './entry.js';
import type { Entry, Fields, Kind } from './kind.js';
import { describe, describeHidden, isNothing, type ListTree, type MapTree, type Tree } from './tree.js';

/** Upper bounds of histogram buckets in seconds: positive, strictly ascending, 1 to 64 of them. */
export const bucketBounds: Kind<readonly number[]> = {
  name: 'list of numbers',
  allowed: 'a list of 1 to 64 seconds, each above 0 and above the one before it, such as [0.1, 0.5, 1]',
  read(tree: Tree, key: string, problems: Problems): readonly number[] | undefined {
    if (tree.type !== 'list' || tree.items.length < 1 || tree.items.length > 64) {
      const found = tree.type === 'list' ? `found ${tree.items.length} numbers` : describe(tree);
      problems.add(tree.place, key, found, bucketBounds.allowed);
      return undefined;
    }
    const before = problems.list.length;
    const bounds: number[] = [];
    for (const [index, item] of tree.items.entries()) {
      const value = item.type === 'scalar' ? item.value : null;
      const last = bounds.at(-1) ?? 0;
      if (typeof value === 'number' && Number.isFinite(value) && value > last) {
        bounds.push(value);
      } else {
        const after = typeof value === 'number' && index > 0 ? ` after ${last}` : '';
        const hint = value === Number.POSITIVE_INFINITY ? 'The bucket +Inf is always there: leave it out.' : null;
        problems.add(item.place, `${key}[${index}]`, `${describe(item)}${after}`, bucketBounds.allowed, hint);
      }
    }
    return problems.list.length === before ? bounds : undefined;
  },
};

/** A list of at least one value, all different. */
export function listOf<T>(element: Kind<T>): Kind<readonly T[]> {
  const allowed = `a list of at least one, each ${element.allowed}`;
  return {
    name: `list of ${element.name}s`,
    allowed,
    read(tree, key, problems) {
      if (tree.type !== 'list' || tree.items.length === 0) {
        problems.add(tree.place, key, tree.type === 'list' ? 'found an empty list' : describeHidden(tree), allowed);
        return undefined;
      }
      const before = problems.list.length;
      const values = new Set<T>();
      for (const [index, item] of tree.items.entries()) {
        const value = element.read(item, `${key}[${index}]`, problems);
        if (value === undefined) continue;
        if (values.has(value)) problems.add(item.place, `${key}[${index}]`, 'given twice', null, 'Remove one of them.');
        values.add(value);
      }
      return problems.list.length === before ? [...values] : undefined;
    },
  };
}

/** A list of mappings that have these keys. A section whose entries are all commented out is empty. */
export function listOfMappings<F extends Fields>(fields: F): Kind<readonly Entry<F>[]> {
  const allowed = `a list of mappings with the keys ${Object.keys(fields).join(', ')}`;
  return {
    name: 'list of mappings',
    allowed,
    fields,
    read(tree, key, problems) {
      if (isNothing(tree)) return [];
      if (tree.type !== 'list') {
        const hint = tree.type === 'map' ? 'Begin each entry with "- ".' : null;
        problems.add(tree.place, key, describeHidden(tree), allowed, hint);
        return undefined;
      }
      return mappingsOf(tree, key, problems, fields, allowed);
    },
  };
}

function mappingsOf<F extends Fields>(tree: ListTree, key: string, problems: Problems, fields: F, allowed: string) {
  const entries: Entry<F>[] = [];
  for (const [index, item] of tree.items.entries()) {
    const path = `${key}[${index}]`;
    if (item.type !== 'map') {
      // Not shown: where a mapping belongs, somebody may have pasted a bare token.
      problems.add(item.place, path, describeHidden(item), allowed);
      continue;
    }
    const entry = readEntry(fields, item, path, problems);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

export interface MapNames {
  /** Errors about a name end in this. */
  allowed: string;
  good(name: string): boolean;
  /** Names that may be secrets are left out of the paths in errors. */
  hidden: boolean;
}

/** A mapping from free names to values of one kind, in the order in which they are written. */
export function mapOf<T>(names: MapNames, value: Kind<T>): Kind<ReadonlyMap<string, T>> {
  const allowed = `a mapping from ${names.allowed} to ${value.allowed}`;
  return {
    name: 'mapping',
    allowed,
    ...(value.fields && { fields: value.fields }),
    read(tree, key, problems) {
      if (isNothing(tree)) return new Map();
      if (tree.type !== 'map') {
        problems.add(tree.place, key, describeHidden(tree), allowed);
        return undefined;
      }
      return valuesOf(tree, key, problems, names, value);
    },
  };
}

function valuesOf<T>(tree: MapTree, key: string, problems: Problems, names: MapNames, kind: Kind<T>) {
  const values = new Map<string, T>();
  for (const { name, place, value } of tree.entries) {
    const path = names.hidden ? `${key}.*` : `${key}.${/^[\w*-]+$/.test(name) ? name : JSON.stringify(name)}`;
    if (!names.good(name)) problems.add(place, path, 'not a good name', names.allowed);
    const read = kind.read(value, path, problems);
    if (read !== undefined) values.set(name, read);
  }
  return values;
}
