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
