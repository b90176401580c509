import { parseSample, type Sample, seriesKey } from './parse-text.js';

interface Family {
  name: string;
  type: string;
  samples: Sample[];
}

const SUFFIXES: Record<string, readonly string[]> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/**
 * Holds text against the rules of OpenMetrics 1.0 that an exporter like ours can break. Throws on the
 * first that is broken; returns how many samples there were.
 */
export function checkOpenMetrics(text: string): number {
  if (!text.endsWith('\n# EOF\n')) throw new Error('does not end in # EOF');
  const families: Family[] = [];
  const known = new Set<string>();
  let stage = '';
  for (const line of text.slice(0, -'# EOF\n'.length - 1).split('\n')) {
    const meta = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (meta === null) {
      if (line.startsWith('#') || line === '') throw new Error(`a comment or empty line: ${JSON.stringify(line)}`);
      families.at(-1)?.samples.push(parseSample(line));
      stage = 'sample';
      continue;
    }
    const [, keyword = '', name = '', rest = ''] = meta;
    if (keyword === 'HELP') {
      if (known.has(name)) throw new Error(`family ${name} comes twice`);
      if (/\\(?![\\n"])|(?<!\\)(?:\\\\)*"/.test(rest)) throw new Error(`HELP of ${name} is not escaped`);
      known.add(name);
      families.push({ name, type: '', samples: [] });
      stage = 'HELP';
      continue;
    }
    const family = families.at(-1);
    if (family?.name !== name || stage === 'sample') throw new Error(`${keyword} of ${name} out of place`);
    if (keyword === 'TYPE') family.type = rest;
    else if (!name.endsWith(`_${rest}`)) throw new Error(`${name} does not end in its unit ${rest}`);
  }
  checkClashes(families);
  for (const family of families) checkFamily(family);
  return families.reduce((sum, family) => sum + family.samples.length, 0);
}

/** The names of samples that one family may have must not be those of another. */
function checkClashes(families: readonly Family[]): void {
  const taken = new Map<string, string>();
  for (const { name, type } of families) {
    for (const suffix of new Set(['', ...(SUFFIXES[type] ?? [])])) {
      const holder = taken.get(name + suffix);
      if (holder !== undefined) throw new Error(`${name} and ${holder} both mean ${name + suffix}`);
      taken.set(name + suffix, name);
    }
  }
}

function checkFamily({ name, type, samples }: Family): void {
  const suffixes = SUFFIXES[type];
  if (suffixes === undefined) throw new Error(`${name} has the type ${type}`);
  if (type === 'counter' && name.endsWith('_total')) throw new Error(`${name} keeps _total in its metadata`);
  const seen = new Set<string>();
  for (const sample of samples) {
    if (!suffixes.some((suffix) => sample.name === name + suffix)) throw new Error(`${sample.name} within ${name}`);
    const key = seriesKey(sample.name, sample.labels);
    if (seen.has(key)) throw new Error(`${key} comes twice`);
    seen.add(key);
    if (type !== 'gauge' && !(Number(sample.value) >= 0)) throw new Error(`${key} is ${sample.value}`);
  }
  if (type === 'histogram') checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const points = new Map<string, Sample[]>();
  let last = '';
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = seriesKey(name, labels);
    if (key !== last && points.has(key)) throw new Error(`${key} is scattered`);
    last = key;
    points.set(key, [...(points.get(key) ?? []), sample]);
  }
  for (const [key, own] of points) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => labels.le ?? '');
    const counts = buckets.map(({ value }) => Number(value));
    // Of a workspace in basic mode: an average, without percentiles.
    const basic = own.map((sample) => sample.name).join() === `${name}_sum,${name}_count`;
    if (basic) continue;
    if (bounds.at(-1) !== '+Inf') throw new Error(`${key} lacks +Inf`);
    for (const bound of bounds.slice(0, -1)) {
      if (!/^\d+\.\d+$|^\d(\.\d+)?e[+-]\d\d+$/.test(bound)) throw new Error(`${key} has the bound ${bound}`);
    }
    const ascends = (list: readonly number[], strictly: boolean) =>
      list.every((item, index) => index === 0 || (strictly ? item > list[index - 1]! : item >= list[index - 1]!));
    if (
      !ascends(
        bounds.map((bound) => Number(bound.replace('+Inf', 'Infinity'))),
        true,
      )
    )
      throw new Error(`${key}: bounds`);
    if (!ascends(counts, false)) throw new Error(`${key}: buckets are not cumulative`);
    const value = (suffix: string) =>
      own.filter((sample) => sample.name === name + suffix).map((sample) => sample.value);
    if (value('_sum').length !== 1) throw new Error(`${key} lacks its sum`);
    if (value('_count').join() !== String(counts.at(-1))) throw new Error(`${key}: count is not its +Inf bucket`);
  }
}
