import { KIND_NAMES, MICROS_PER_SECOND, NANOS_PER_UNIT } from '../kinds.js';
import { frozenPageOf, offsetOf } from '../pages.js';
import type { SeriesView } from '../projection.js';

/** All series of a view as `name{labels}` → value; slow and plain, to hold the renderer and the table against. */
export function readSeries(view: SeriesView): Record<string, number> {
  const series: Record<string, number> = {};
  for (const name of KIND_NAMES) {
    const { kind, blocks } = view.lists[name];
    for (const block of blocks.filter(({ serial }) => serial < view.serialEnd)) {
      const page = frozenPageOf(view.numbers, block.slot);
      const [birth = 0, ...cells] = page.slice(offsetOf(block.slot), offsetOf(block.slot) + 1 + kind.cells);
      for (const shape of kind.shapes) {
        let value = cells[shape.cell] as number;
        if (shape.cumulative) value = cells.slice(0, shape.cell + 1).reduce((sum, cell) => sum + cell, 0);
        if (shape.scale === 'micros') value /= MICROS_PER_SECOND;
        if (shape.scale === 'money') value += (cells[shape.cell + 1] as number) / NANOS_PER_UNIT;
        const key = `${kind.family}${shape.suffix}{${block.owner.labels}${block.suffix}${shape.labels}}`;
        series[key] = kind.counter && birth > view.shownUpTo ? 0 : value;
      }
    }
  }
  for (const { family, labels, value } of view.fixed) series[`${family}{${labels}}`] = value;
  return series;
}
