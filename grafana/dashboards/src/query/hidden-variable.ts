/*
 * Grafana can neither reckon with the range of a dashboard nor compare what is chosen; Prometheus can. So a hidden variable asks it: the
 * answer is one series whose labels are the values of the variables, and each takes its own out of it.
 */

/** A vector with labels of these values. */
export function labelled(vector: string, labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).reduce(
    (expression, [label, value]) => `label_replace(${expression}, "${label}", "${value}", "", "")`,
    vector,
  );
}

/** One of some values, by the range of the dashboard. */
export interface ByRange {
  readonly value: string;
  /** Up to which range it is taken, in seconds. */
  readonly upTo: number;
}

/** One vector: of the first value whose longest range is not exceeded; the last has none. */
export function byRange(variable: string, choices: readonly ByRange[]): string {
  const answers = choices.map(({ value, upTo }) =>
    labelled(Number.isFinite(upTo) ? `vector($__range_s) <= ${upTo}` : 'vector($__range_s)', { [variable]: value }),
  );
  return `query_result(${answers.join(' or on () ')})`;
}

/** What takes the value of a variable out of the answer. */
export function regexOf(variable: string): string {
  return `/\\b${variable}="([^"]+)"/`;
}
