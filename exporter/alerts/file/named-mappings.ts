import type { Place, Problems } from '../../config/config-error.js';
import { readEntry } from '../../config/entry.js';
import type { Entry, Fields, Kind } from '../../config/kind.js';
import { describe, describeHidden, isNothing, type MapTree, quoted, type Tree } from '../../config/tree.js';
import { ALERT_LEVELS, type AlertLevel } from '../model/levels.js';

/** One mapping of a mapping, with the name that it has there. */
export interface Named<F extends Fields> {
  readonly name: string;
  /** Dotted path, such as `rules.chat-latency`. */
  readonly key: string;
  /** Of the name. */
  readonly place: Place;
  /** Null when it was refused; then problems have been told why. */
  readonly entry: Entry<F> | null;
}

const NAMES = 'names of 1 to 64 characters, none of them a control character, because they stand in labels';

/** A mapping from names to mappings that have these keys, in the order in which they are written. */
export function namedMappings<F extends Fields>(fields: F): Kind<readonly Named<F>[]> {
  const allowed = `a mapping from ${NAMES} to mappings with the keys ${Object.keys(fields).join(', ')}`;
  return {
    name: 'mapping',
    allowed,
    fields,
    read(tree, key, problems) {
      if (isNothing(tree)) return [];
      if (tree.type === 'map') return namedOf(tree, key, problems, mapping(fields));
      problems.add(tree.place, key, describeHidden(tree), allowed);
      return undefined;
    },
  };
}

function namedOf<F extends Fields>(tree: MapTree, key: string, problems: Problems, kind: Kind<Entry<F>>): Named<F>[] {
  return tree.entries.map(({ name, place, value }) => {
    const path = `${key}.${/^[\w-]{1,64}$/.test(name) ? name : quoted(name)}`;
    const length = [...name].length;
    if (length > 64) problems.add(place, path, `found a name of ${length} characters`, NAMES);
    else if (length < 1 || /\p{Cc}|\p{Cs}/u.test(name)) problems.add(place, path, 'not a good name', NAMES);
    return { name, key: path, place, entry: kind.read(value, path, problems) ?? null };
  });
}

/** One mapping that has these keys. */
export function mapping<F extends Fields>(fields: F): Kind<Entry<F>> {
  const allowed = `a mapping with the keys ${Object.keys(fields).join(', ')}`;
  return {
    name: 'mapping',
    allowed,
    fields,
    read(tree, key, problems) {
      if (tree.type === 'map') return readEntry(fields, tree, key, problems);
      problems.add(tree.place, key, describeHidden(tree), allowed);
      return undefined;
    },
  };
}

/** A list of mappings that were looked at one by one. */
export interface Mappings<F extends Fields> {
  readonly entries: readonly Entry<F>[];
  /** Whether all of them are here: those that were refused are not. */
  readonly complete: boolean;
}

/** A list of so many mappings that have these keys. */
export function mappings<F extends Fields>(fields: F, { min, max }: { min: number; max: number }): Kind<Mappings<F>> {
  const one = mapping(fields);
  const allowed = `a list of ${min} to ${max} mappings with the keys ${Object.keys(fields).join(', ')}`;
  return {
    name: 'list of mappings',
    allowed,
    fields,
    read(tree, key, problems) {
      if (tree.type !== 'list' || tree.items.length < min || tree.items.length > max) {
        const found = tree.type === 'list' ? `found ${tree.items.length} of them` : describeHidden(tree);
        problems.add(tree.place, key, found, allowed, tree.type === 'map' ? 'Begin each entry with "- ".' : null);
        return undefined;
      }
      const read = tree.items.map((item, index) => one.read(item, `${key}[${index}]`, problems));
      const entries = read.filter((entry) => entry !== undefined);
      return { entries, complete: entries.length === read.length };
    },
  };
}

/** A value as it was written: what it may be is known only beside other keys. */
export const written: Kind<Tree> = {
  name: 'value',
  allowed: 'a value in the unit of the metric, such as 5%, 2s, 500ms or 1200',
  read: (tree) => tree,
};

/** A value for each of some levels, as it was written. */
export type ByLevel = ReadonlyMap<AlertLevel, { readonly place: Place; readonly tree: Tree }>;

export const byLevel: Kind<ByLevel> = {
  name: 'values by level',
  allowed: `a mapping from levels (${ALERT_LEVELS.join(', ')}) to values in the unit of the metric, such as {warning: 2s}`,
  read(tree, key, problems) {
    if (tree.type !== 'map' || tree.entries.length === 0) {
      const found = tree.type === 'map' ? 'found no level' : describe(tree);
      problems.add(tree.place, key, found, byLevel.allowed);
      return undefined;
    }
    const values = new Map<AlertLevel, { place: Place; tree: Tree }>();
    for (const { name, place, value } of tree.entries) {
      const level = ALERT_LEVELS.find((known) => known === name);
      if (level !== undefined) values.set(level, { place, tree: value });
      else problems.add(place, key, `unknown level ${quoted(name)}`, null, LEVELS_ARE_FIXED);
    }
    return values.size === tree.entries.length ? values : undefined;
  },
};

export const LEVELS_ARE_FIXED = `The levels are fixed, so that all installations mean the same: ${ALERT_LEVELS.join(', ')}.`;
