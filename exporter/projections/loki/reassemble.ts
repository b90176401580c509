/** A line of Loki as a query gives it back. */
export interface QueriedLine {
  /** The label `log`. */
  readonly log: string;
  readonly line: string;
  /** Structured metadata, and labels. */
  readonly fields: Readonly<Record<string, string>>;
}

/** One call as its logs have it. */
export interface WholeCall {
  /** What the audit log says. */
  readonly head: Readonly<Record<string, unknown>>;
  /** Content as JSON text, `{"request":…,"response":…}`; null where none was kept. */
  readonly content: string | null;
}

/** Why a call cannot be put together; the message says what is missing. */
export class IncompleteCall extends Error {
  override readonly name = 'IncompleteCall';
}

const ABOUT_PARTS = ['parts', 'content_bytes', 'preview'] as const;

function parse(line: string): Record<string, unknown> {
  try {
    const head: unknown = JSON.parse(line);
    if (typeof head === 'object' && head !== null && !Array.isArray(head)) return head as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new IncompleteCall('A log line of that call is no JSON object: something else than the exporter wrote it.');
}

/**
 * Puts one call together from its lines, whatever order they come in and however often: Loki may give an entry twice.
 * @returns null where there is no line of it
 * @throws IncompleteCall where parts of its content are missing
 */
export function reassemble(lines: readonly QueriedLine[]): WholeCall | null {
  const audit = lines.find(({ log }) => log === 'audit');
  const inference = lines.find(({ log }) => log === 'inference');
  if (inference === undefined) return audit === undefined ? null : { head: parse(audit.line), content: null };

  const { request, response, ...head } = parse(inference.line);
  if (typeof head.parts !== 'number') {
    return { head, content: JSON.stringify({ request, response }) };
  }
  const expected = head.parts;
  const parts = new Map<number, string>();
  for (const { log, line, fields } of lines) if (log === 'inference_part') parts.set(Number(fields.part), line);
  const missing = Array.from({ length: expected }, (_, index) => index + 1).filter((part) => !parts.has(part));
  if (missing.length > 0) {
    throw new IncompleteCall(
      `${missing.length} of ${expected} parts are missing (${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}). ` +
        'They may be on their way still, or beyond the time range that was asked for.',
    );
  }
  const content = Array.from({ length: expected }, (_, index) => parts.get(index + 1)).join('');
  if (typeof head.content_bytes === 'number' && Buffer.byteLength(content) !== head.content_bytes) {
    throw new IncompleteCall('The parts are not of one call: its id was used more than once. Narrow the time.');
  }
  for (const name of ABOUT_PARTS) delete head[name];
  return { head, content };
}
