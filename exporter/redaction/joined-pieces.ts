import type { Find } from './finds.js';
import { isCumulative, type Piece } from './stream-pieces.js';
import type { Counts, TextRedaction } from './text-redaction.js';
import { WITHHELD_REASONS, Withhold, type Work } from './work.js';

/** As of one text: each pass may show what the finds of the one before hid. */
const MOST_PASSES = 16;

/** Redacts a text of a stream: a placeholder goes into the piece in which a find begins, the rest of the find goes. */
export function redactStream(pieces: Piece[], text: TextRedaction, counts: Counts, work: Work): void {
  if (isCumulative(pieces)) redactCumulative(pieces, text, counts, work);
  else redactJoined(pieces, (finds) => finds, text, counts, work);
}

/**
 * Redacts what only several pieces together show, where nothing says that they belong together: finds that go across
 * a border. To be called when each piece by itself is redacted.
 */
export function redactLoose(pieces: Piece[], text: TextRedaction, counts: Counts, work: Work): void {
  redactJoined(pieces, (finds) => acrossBorders(finds, pieces, text, work), text, counts, work);
}

function redactJoined(
  pieces: Piece[],
  select: (finds: readonly Find[]) => readonly Find[],
  text: TextRedaction,
  counts: Counts,
  work: Work,
): void {
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const whole = pieces.map((piece) => piece.text).join('');
    const finds = text.finds(whole, work);
    const selected = finds.length === 0 ? finds : select(finds);
    if (selected.length === 0) return;
    rewrite(pieces, whole, selected, text, counts);
    work.spend(whole.length);
    // What was taken out of a piece may show what it hid there.
    for (const piece of pieces) piece.text = text.redact(piece.text, counts, work);
  }
  throw new Withhold(WITHHELD_REASONS.unstable);
}

function rewrite(pieces: Piece[], whole: string, finds: readonly Find[], text: TextRedaction, counts: Counts): void {
  if (text.isDropped(finds)) {
    const placeholder = text.dropped(finds, counts);
    for (const [index, piece] of pieces.entries()) piece.text = index === 0 ? placeholder : '';
    return;
  }
  const placeholders = text.placeholders(whole, finds, counts);
  let start = 0;
  let next = 0;
  for (const piece of pieces) {
    const end = start + piece.text.length;
    let result = '';
    let from = start;
    while (next < finds.length && finds[next]!.start < end) {
      const find = finds[next]!;
      if (find.start >= start) result += whole.slice(from, find.start) + placeholders[next]!;
      from = Math.min(find.end, end);
      // Goes on in the next piece.
      if (find.end > end) break;
      next += 1;
    }
    piece.text = result + whole.slice(from, end);
    start = end;
  }
}

/** Finds that need more than one piece, and touch nothing that is found, or was, in a piece by itself. */
function acrossBorders(
  finds: readonly Find[],
  pieces: readonly Piece[],
  text: TextRedaction,
  work: Work,
): readonly Find[] {
  const ends: number[] = [];
  let length = 0;
  for (const piece of pieces) {
    length += piece.text.length;
    ends.push(length);
  }
  let piece = 0;
  return finds.filter(({ start, end }) => {
    while (ends[piece]! <= start) piece += 1;
    if (end <= ends[piece]!) return false;
    for (let index = piece; index < pieces.length; index += 1) {
      const offset = index === 0 ? 0 : ends[index - 1]!;
      if (offset >= end) break;
      const own = text.occupied(pieces[index]!.text, work);
      if (own.some((find) => offset + find.start < end && offset + find.end > start)) return false;
    }
    return true;
  });
}

/** Each piece has the text so far: what the last one shows to be a find goes from all, however little is there of it. */
function redactCumulative(pieces: readonly Piece[], text: TextRedaction, counts: Counts, work: Work): void {
  const whole = pieces[pieces.length - 1]!.text;
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index]!;
    work.spend(piece.text.length);
  }
  const finds = text.finds(whole, work);
  if (finds.length === 0) return;
  for (const [index, piece] of pieces.entries()) {
    const length = piece.text.length;
    const own = finds.flatMap((find) => (find.start < length ? [{ ...find, end: Math.min(find.end, length) }] : []));
    // What all of them show is counted once.
    if (own.length > 0) piece.text = text.replaced(piece.text, own, index === pieces.length - 1 ? counts : {});
  }
}
