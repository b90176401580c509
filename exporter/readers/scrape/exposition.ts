import { setImmediate } from 'node:timers/promises';
import type { Block, BlockList } from '../../projections/metrics/blocks.js';
import { CALL_FAMILIES, type Family } from '../../projections/metrics/catalogue.js';
import { KIND_NAMES, type SeriesShape } from '../../projections/metrics/kinds.js';
import { type FrozenPages, frozenPageOf, offsetOf } from '../../projections/metrics/pages.js';
import type { SeriesView } from '../../projections/metrics/projection.js';
import type { ExposedFamily } from '../../telemetry/own-metrics.js';
import type { ExpositionFormat } from './negotiate.js';
import { microsText, moneyText, numberText } from './number-text.js';

/** So many lines are written in one go: about a millisecond, and less than what V8 makes a large object of. */
const LINES_IN_A_CHUNK = 500;

/**
 * Renders all families, the call families first, in pieces of bounded work; other work gets its turn
 * between two pieces. Every number is of the moment of the view, whatever is counted meanwhile, and
 * the order is that of the catalogue and of the label text, whatever order calls came in.
 */
export async function* renderExposition(
  view: SeriesView,
  own: readonly ExposedFamily[],
  format: ExpositionFormat,
): AsyncGenerator<string, void, void> {
  for (const family of CALL_FAMILIES) {
    let chunk = metadata(family, format);
    for (const fixed of view.fixed) {
      if (fixed.family === family.name) chunk += `${family.name}{${fixed.labels}} ${numberText(fixed.value)}\n`;
    }
    for (const list of listsOf(view, family)) {
      for (const _ of list.sort()) await setImmediate();
      for (const lines of renderBlocks(list, view)) {
        yield chunk + lines;
        chunk = '';
        await setImmediate();
      }
    }
    if (chunk !== '') yield chunk;
  }
  yield own.map((family) => metadata(family, format) + samples(family)).join('');
  if (format === 'openmetrics') yield '# EOF\n';
}

function metadata(family: Pick<Family, 'name' | 'type' | 'help' | 'unit'>, format: ExpositionFormat): string {
  if (format === 'text') {
    const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return `# HELP ${family.name} ${help}\n# TYPE ${family.name} ${family.type}\n`;
  }
  // In OpenMetrics `_total` belongs to the sample, not to the family.
  const name = family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name;
  const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  const unit = family.unit === '' ? '' : `# UNIT ${name} ${family.unit}\n`;
  return `# HELP ${name} ${help}\n# TYPE ${name} ${family.type}\n${unit}`;
}

function samples(family: ExposedFamily): string {
  return family.samples
    .map(({ name, labels, value }) => `${name}${labels === '' ? '' : `{${labels}}`} ${numberText(value)}\n`)
    .join('');
}

function listsOf(view: SeriesView, family: Family): BlockList[] {
  return KIND_NAMES.map((name) => view.lists[name]).filter((list) => list.kind.family === family.name);
}

function* renderBlocks(list: BlockList, view: SeriesView): Generator<string> {
  const { kind } = list;
  const lines = kind.shapes.map((shape) => new Line(kind.family, shape));
  let chunk = '';
  let count = 0;
  for (const block of list.inOrder) {
    // Born after the view was taken.
    if (block.serial >= view.serialEnd) continue;
    chunk += renderBlock(block, lines, view.numbers, kind.counter ? view.shownUpTo : Number.POSITIVE_INFINITY);
    count += lines.length;
    if (count < LINES_IN_A_CHUNK) continue;
    yield chunk;
    chunk = '';
    count = 0;
  }
  if (chunk !== '') yield chunk;
}

/** What is the same on one line of every block of a kind. */
class Line {
  readonly head: string;
  readonly tail: string;

  constructor(
    family: string,
    readonly shape: SeriesShape,
  ) {
    this.head = `${family}${shape.suffix}{`;
    this.tail = `${shape.labels}} `;
  }
}

function renderBlock(block: Block, lines: readonly Line[], numbers: FrozenPages, shownUpTo: number): string {
  const page = frozenPageOf(numbers, block.slot);
  const birth = offsetOf(block.slot);
  const held = (page[birth] as number) > shownUpTo;
  const labels = block.owner.labels + block.suffix;
  let text = '';
  let sum = 0;
  let summed = 0;
  for (const { head, tail, shape } of lines) {
    let value = '0';
    if (!held) {
      if (shape.cumulative) {
        for (; summed <= shape.cell; summed++) sum += page[birth + 1 + summed] as number;
        value = String(sum);
      } else value = cellText(page, birth + 1 + shape.cell, shape);
    }
    text += `${head}${labels}${tail}${value}\n`;
  }
  return text;
}

function cellText(page: Float64Array, at: number, shape: SeriesShape): string {
  const number = page[at] as number;
  if (shape.scale === 'micros') return microsText(number);
  if (shape.scale === 'money') return moneyText(number, page[at + 1] as number);
  return String(number);
}
