/**
 * Rows as aligned columns, two spaces apart. A column in which every cell is empty but for its title is left out.
 * @param rows the first one holds the titles; each has as many cells
 */
export function table(rows: readonly (readonly string[])[]): string {
  const [titles = [], ...rest] = rows;
  const columns = titles.map((_, column) => column).filter((column) => rest.some((row) => row[column] !== ''));
  const widths = columns.map((column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows
    .map((row) => {
      const cells = columns.map((column, index) => {
        const cell = row[column] ?? '';
        return cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell));
      });
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}

/** Chinese, Japanese, Korean, and emoji take two columns of a terminal; what is laid over another character none. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;
const NONE = /[\p{M}\p{Cf}]/u;

function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
