import type { Place, Problems } from './config-error.js';
import type { Scalar, Tree } from './tree.js';

/** What kind of value a key takes: how it is read, and how that is said to a person. */
export interface Kind<T> {
  /** One or two words for the reference page, such as `duration`. */
  readonly name: string;
  /** What may stand there, with its range: the end of a sentence that begins with "Allowed:". */
  readonly allowed: string;
  /** The value, or undefined when it is refused; then `problems` has been told why. */
  read(tree: Tree, key: string, problems: Problems): T | undefined;
  /** How the text of an environment variable is understood; kinds without it have no variable. */
  readonly fromText?: (text: string) => Scalar;
  /** The keys of one entry, for lists and maps of mappings. */
  readonly fields?: Fields;
}

/** One key of the catalogue. */
export interface Key<T> {
  readonly kind: Kind<NonNullable<T>>;
  readonly presence: 'default' | 'required' | 'optional';
  /** As it would be written in the file; null unless `presence` is `default`. */
  readonly written: Scalar | readonly Scalar[];
  /** One sentence for the reference page. */
  readonly description: string;
}

/** Keys by their dotted path. */
export type Fields = Readonly<Record<string, Key<unknown>>>;

/** The values that a set of keys yields. */
export type Values<F extends Fields> = { [Path in keyof F]: F[Path] extends Key<infer T> ? T : never };

/** The values of one mapping, and where they were written. */
export interface Entry<F extends Fields> {
  /** Dotted path of the mapping itself; empty for a whole file. */
  key: string;
  place: Place;
  values: Values<F>;
  /** Only keys that were really written have a place, even where their value was refused. */
  places: ReadonlyMap<string, Place>;
}

/** A key that has this value unless another is written. */
export function key<T>(kind: Kind<T & {}>, written: Scalar | readonly Scalar[], description: string): Key<T> {
  return { kind, presence: 'default', written, description };
}

/** A key that must be written wherever its mapping is. */
export function required<T>(kind: Kind<T & {}>, description: string): Key<T> {
  return { kind, presence: 'required', written: null, description };
}

/** A key that may be left out; its value is null then. */
export function optional<T>(kind: Kind<T & {}>, description: string): Key<T | null> {
  return { kind: kind as Kind<NonNullable<T | null>>, presence: 'optional', written: null, description };
}
