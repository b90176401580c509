/**
 * Sums of series over the labels that the governor folds, by family, workspace and whatever else the series say: what must
 * come out the same whether anything was folded or not.
 */
export function totals(series: Record<string, number>, perWorkspace = true): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of Object.entries(series)) {
    if (!/^model_(call|usage|cost|first|generation)/.test(key)) continue;
    const folded = perWorkspace
      ? /(model|apikey_id|status_code|error_code)="(?:[^"\\]|\\.)*",?/g
      : /(workspace_id|model|apikey_id|status_code|error_code)="(?:[^"\\]|\\.)*",?/g;
    const name = key.replace(folded, '');
    sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}
