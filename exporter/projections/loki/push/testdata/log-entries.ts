import fc from 'fast-check';
import type { LogEntry } from '../../entry.js';

/** An entry with what matters to a test. */
export function logEntry(given: Partial<LogEntry> = {}): LogEntry {
  return {
    labels: { service_name: 'model-observation', log: 'audit', model: 'qwen-plus' },
    timestampNs: 1_700_000_000_000_000_000n,
    line: '{"call_id":"1"}',
    metadata: [
      ['call_id', '1'],
      ['status_code', '200'],
    ],
    ...given,
  };
}

/** Entries of one stream, 1 ms apart, told apart by their lines. */
export function logEntries(count: number, given: (index: number) => Partial<LogEntry> = () => ({})): LogEntry[] {
  return Array.from({ length: count }, (_, index) =>
    logEntry({
      timestampNs: 1_700_000_000_000_000_000n + BigInt(index) * 1_000_000n,
      line: `{"call_id":"${index}"}`,
      ...given(index),
    }),
  );
}

/** Whatever may stand in a text: control characters, quotes, all planes, lone surrogates. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('\ud83d', '\ude00', '"', '\\', '\n', '\u0000', 'é', '漢', '\ufeff'),
    maxLength: 50,
  }),
);

const metadata = fc
  .dictionary(fc.stringMatching(/^[a-z_]{1,50}$/), anyText, { maxKeys: 5 })
  .map((texts) => Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));

export const anyLogEntry: fc.Arbitrary<LogEntry> = fc.record({
  labels: fc.record({
    log: fc.constantFrom('audit', 'inference'),
    model: fc.oneof(fc.constantFrom('a', 'b'), anyText),
  }),
  timestampNs: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  line: anyText,
  metadata,
});
