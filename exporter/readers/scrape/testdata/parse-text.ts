/** One line of an exposition that is not a comment. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  /** As written. */
  value: string;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;

/**
 * Reads a sample line as strictly as the formats are written: known escapes only, no spaces but the one
 * before the value, no timestamp. Throws where a line is anything else.
 */
export function parseSample(line: string): Sample {
  let at = 0;
  const wrong = (what: string): Error => new Error(`${what} at ${at} in ${JSON.stringify(line)}`);
  const word = (): string => {
    NAME.lastIndex = at;
    const match = NAME.exec(line);
    if (match === null) throw wrong('no name');
    at = NAME.lastIndex;
    return match[0];
  };
  const expect = (text: string): void => {
    if (!line.startsWith(text, at)) throw wrong(`no ${text}`);
    at += text.length;
  };
  const quoted = (): string => {
    expect('"');
    let value = '';
    for (; line[at] !== '"'; at++) {
      if (at >= line.length) throw wrong('no closing quote');
      if (line[at] !== '\\') {
        value += line[at];
        continue;
      }
      at += 1;
      const plain = { '\\': '\\', '"': '"', n: '\n' }[line[at] as string];
      if (plain === undefined) throw wrong('no such escape');
      value += plain;
    }
    at += 1;
    return value;
  };

  const name = word();
  // No prototype: a label value may not be one, but a label name could.
  const labels: Record<string, string> = Object.create(null);
  if (line[at] === '{') {
    do {
      at += 1;
      const label = word();
      if (label in labels) throw wrong(`label ${label} again`);
      expect('=');
      labels[label] = quoted();
    } while (line[at] === ',');
    expect('}');
  }
  expect(' ');
  const value = line.slice(at);
  if (!/^(-?\d+(\.\d+)?(e[+-]\d+)?|\+Inf|-Inf|NaN)$/.test(value)) throw wrong('no number');
  return { name, labels, value };
}

/** What tells a series from every other, whatever its labels hold. */
export function seriesKey(name: string, labels: Record<string, string>): string {
  return JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** All samples of text in format 0.0.4: series → value. Throws on a line that is wrong or a series that comes twice. */
export function parseText(text: string): Map<string, string> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const series = new Map<string, string>();
  for (const line of text.slice(0, -1).split('\n')) {
    if (/^# (HELP|TYPE) [a-z0-9_]+ ./.test(line)) continue;
    const { name, labels, value } = parseSample(line);
    const key = seriesKey(name, labels);
    if (series.has(key)) throw new Error(`${key} comes twice`);
    series.set(key, value);
  }
  return series;
}
