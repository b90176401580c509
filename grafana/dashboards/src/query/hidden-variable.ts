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

/** What takes the value of a variable out of the answer. */
export function regexOf(variable: string): string {
  return `/\\b${variable}="([^"]+)"/`;
}
