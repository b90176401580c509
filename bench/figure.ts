/** What a benchmark says: always beside a baseline of the same run; `ratio` is better when larger. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  ratio: number;
}

/** One line of JSON, with no more digits than the measurement has. */
export function figureLine({ name, value, unit, baseline, ratio }: Figure): string {
  return JSON.stringify({
    name,
    value: rounded(value),
    unit,
    baseline: rounded(baseline),
    ratio: Number(ratio.toFixed(2)),
  });
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The middle one of three runs: other programs of the machine disturb one run in so many. */
export async function medianOfThree(measure: () => Promise<Figure>): Promise<Figure> {
  const figures = [await measure(), await measure(), await measure()];
  return figures.sort((a, b) => a.ratio - b.ratio)[1]!;
}
