/**
 * Label text as the exposition formats write it. Both formats, text 0.0.4 and OpenMetrics 1.0, escape
 * label values alike and disagree only elsewhere, so a series' label text is made once and kept.
 */

const UNSAFE = /[\\"\n]/;

/** Escapes one label value: backslash, double quote and line feed; every other character stands for itself. */
export function escapeLabelValue(value: string): string {
  if (!UNSAFE.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** `name="escaped value"`. The name is ours and needs no escaping. */
export function labelText(name: string, value: string): string {
  return `${name}="${escapeLabelValue(value)}"`;
}

/**
 * A bucket bound in its one canonical form, the one of OpenMetrics 1.0 and Go's client: `1.0`, `0.01`,
 * `655.36`, `1e+06`, `+Inf`. Prometheus before 3.0 keeps `le` as the text it was sent, so `1` and `1.0`
 * would be two series.
 */
export function boundText(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf';
  const [digits = '0', power = '0'] = bound.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6) {
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  // From 1e-4 to 1e6 JavaScript never uses an exponent itself.
  const text = String(bound);
  return text.includes('.') ? text : `${text}.0`;
}
