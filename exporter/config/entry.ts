import { type Place, Problems } from './config-error.js';
import type { Entry, Fields, Key, Values } from './kind.js';
import { nearest } from './nearest.js';
import { describeHidden, isNothing, type MapTree, type ScalarTree, treeOf } from './tree.js';

const NOWHERE: Place = { file: 'defaults', line: null, column: null };

/**
 * Reads a mapping by its keys: every value by its kind, defaults for what is not written.
 * Keys with dots in their path are sections of the mapping.
 *
 * @param path dotted path of the mapping, empty for a whole file
 * @param overrides values from elsewhere by dotted path, which win over the mapping's own
 * @returns undefined when a required key is missing or refused; `problems` has been told
 */
export function readEntry<F extends Fields>(
  fields: F,
  tree: MapTree,
  path: string,
  problems: Problems,
  overrides: ReadonlyMap<string, ScalarTree> = new Map(),
): Entry<F> | undefined {
  const reader = new EntryReader(fields, path, problems);
  reader.readSection(tree, '');
  for (const [name, override] of overrides) reader.readValue(name, override, override.place);
  return reader.finish(tree.place);
}

class EntryReader<F extends Fields> {
  readonly #fields: F;
  readonly #path: string;
  readonly #problems: Problems;
  readonly #sections: ReadonlySet<string>;
  readonly #values = new Map<string, unknown>();
  readonly #places = new Map<string, Place>();

  constructor(fields: F, path: string, problems: Problems) {
    this.#fields = fields;
    this.#path = path;
    this.#problems = problems;
    this.#sections = sectionsOf(fields);
  }

  readSection(tree: MapTree, section: string): void {
    for (const { name, place, value } of tree.entries) {
      const inside = section === '' ? name : `${section}.${name}`;
      if (Object.hasOwn(this.#fields, inside)) this.readValue(inside, value, place);
      else if (!this.#sections.has(inside)) this.#unknown(inside, section, place);
      else if (value.type === 'map') this.readSection(value, inside);
      else if (!isNothing(value)) {
        // A section whose keys are all commented out is nothing, and good.
        const allowed = `a mapping with the keys ${this.#known(inside).join(', ')}`;
        this.#problems.add(value.place, this.#full(inside), describeHidden(value), allowed);
      }
    }
  }

  readValue(inside: string, value: MapTree['entries'][number]['value'], place: Place): void {
    this.#places.set(inside, value.type === 'scalar' && !isNothing(value) ? value.place : place);
    const read = this.#fields[inside]!.kind.read(value, this.#full(inside), this.#problems);
    if (read !== undefined) this.#values.set(inside, read);
  }

  finish(place: Place): Entry<F> | undefined {
    let complete = true;
    const values: Record<string, unknown> = {};
    for (const [inside, field] of Object.entries(this.#fields)) {
      if (this.#values.has(inside)) values[inside] = this.#values.get(inside);
      else if (field.presence === 'default') values[inside] = defaultOf(field, inside);
      else if (field.presence === 'optional') values[inside] = null;
      else {
        complete = false;
        if (!this.#places.has(inside)) {
          this.#problems.add(place, this.#full(inside), 'missing', field.kind.allowed);
        }
      }
    }
    return complete ? { key: this.#path, place, values: values as Values<F>, places: this.#places } : undefined;
  }

  #unknown(inside: string, section: string, place: Place): void {
    const meant = this.#meant(inside);
    if (meant !== null) {
      this.#problems.add(place, this.#full(inside), 'unknown key', null, `Did you mean ${this.#full(meant)}?`);
      return;
    }
    // A name that looks like no key at all may be a secret on the wrong side of a colon.
    const name = inside.slice(section === '' ? 0 : section.length + 1);
    const shown = /^[a-z_-]{1,32}$/i.test(name) ? inside : section;
    const found = shown === inside ? 'unknown key' : 'unknown key (not shown)';
    this.#problems.add(place, this.#full(shown), found, null, `Known here: ${this.#known(section).join(', ')}.`);
  }

  #meant(inside: string): string | null {
    const paths = [...Object.keys(this.#fields), ...this.#sections];
    const name = inside.slice(inside.lastIndexOf('.') + 1);
    // The right key in the wrong section is the likelier slip than two wrong letters.
    return paths.find((path) => path.slice(path.lastIndexOf('.') + 1) === name) ?? this.#nearHere(inside, paths);
  }

  #nearHere(inside: string, paths: string[]): string | null {
    const section = inside.slice(0, inside.lastIndexOf('.') + 1);
    const siblings = paths.filter((path) => path.startsWith(section) && !path.slice(section.length).includes('.'));
    const meant = nearest(
      inside.slice(section.length),
      siblings.map((path) => path.slice(section.length)),
    );
    return meant === null ? nearest(inside, paths) : section + meant;
  }

  #known(section: string): string[] {
    const start = section === '' ? '' : `${section}.`;
    const below = Object.keys(this.#fields).filter((path) => path.startsWith(start));
    return [...new Set(below.map((path) => path.slice(start.length).split('.')[0]!))];
  }

  #full(inside: string): string {
    if (this.#path === '' || inside === '') return this.#path || inside;
    return `${this.#path}.${inside}`;
  }
}

/** The value of a key that nobody wrote. */
export function defaultOf(field: Key<unknown>, path: string): unknown {
  const problems = new Problems();
  const value = field.kind.read(treeOf(field.written, NOWHERE), path, problems);
  if (value === undefined) throw new Error(`the default of ${path} is not one of its own values`);
  return value;
}

function sectionsOf(fields: Fields): Set<string> {
  const sections = new Set<string>();
  for (const path of Object.keys(fields)) {
    const parts = path.split('.');
    for (let length = 1; length < parts.length; length++) sections.add(parts.slice(0, length).join('.'));
  }
  return sections;
}
