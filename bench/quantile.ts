/** The smallest value that a share of them does not exceed. Throws where there are too few to say. */
export function quantile(share: number, values: readonly number[]): number {
  const least = Math.ceil(10 / (1 - share));
  if (share > 0.5 && values.length < least) {
    throw new Error(`${values.length} values are too few for the quantile ${share}: ${least} are needed`);
  }
  const value = values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1];
  if (value === undefined) throw new Error('there is no quantile of no values');
  return value;
}
