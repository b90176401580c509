import type { LogEntry } from '../entry.js';

/** What speaks against an entry. */
type Suspicion = (entry: LogEntry) => boolean;

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

/** Loki's words, and whom they speak of. Times come to the second, and whoever shares that second is suspected with it. */
const HINTS: readonly (readonly [RegExp, (...figures: string[]) => Suspicion | null])[] = [
  [/max entry size '(\d+)' bytes exceeded/g, (most) => (entry) => Buffer.byteLength(entry.line) > Number(most)],
  [
    /(?:has timestamp too old: \S+|entry too far behind, entry timestamp is: \S+), oldest acceptable timestamp is: ([\dTZ:+.-]+)/g,
    (oldest) => {
      const ns = nsOf(oldest!);
      return ns === null ? null : ({ timestampNs }) => timestampNs < ns + NS_PER_SECOND;
    },
  ],
  [
    /has timestamp too new: ([\dTZ:+.-]+)/g,
    (time) => {
      const ns = nsOf(time!);
      return ns === null ? null : ({ timestampNs }) => timestampNs >= ns;
    },
  ],
  [
    /has structured metadata too large: '\d+' bytes, limit: '(\d+)' bytes/g,
    (most) =>
      ({ metadata }) =>
        metadata.reduce((sum, pair) => sum + Buffer.byteLength(pair[0]) + Buffer.byteLength(pair[1]), 0) > Number(most),
  ],
  [
    /has too many structured metadata labels: '\d+', limit: '(\d+)'/g,
    (most) =>
      ({ metadata }) =>
        metadata.length > Number(most),
  ],
];

/**
 * Whom Loki's message speaks against, among entries of one stream. Only a hint, to ask fewer times: who is refused is found by
 * sending. Without one, nobody is suspected.
 */
export function suspectsIn<Item extends { readonly entry: LogEntry }>(message: string, items: readonly Item[]): Item[] {
  const suspicions = HINTS.flatMap(([words, suspicion]) =>
    [...message.matchAll(words)].map(([, ...figures]) => suspicion(...figures)),
  ).filter((suspicion) => suspicion !== null);
  return items.filter(({ entry }) => suspicions.some((suspicion) => suspicion(entry)));
}

function nsOf(time: string): bigint | null {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? null : BigInt(ms) * NS_PER_MS;
}
