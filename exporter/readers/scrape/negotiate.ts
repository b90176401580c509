/** Which format a scraper gets. Text 0.0.4 is what everybody reads, so it is also the answer to anything unclear. */
export type ExpositionFormat = 'text' | 'openmetrics';

export const CONTENT_TYPES = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies { [Format in ExpositionFormat]: string };

/**
 * The format that an Accept header wants most, by its q-values; text when it wants both alike, neither,
 * or says nothing. Never refuses: a scraper with an odd header still gets its metrics.
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  const ranges = (accept ?? '').split(',').map(parseRange);
  const wish = (media: string, version: string): number => {
    const matches = ranges.filter((range) => range.media === media && (range.version ?? version) === version);
    return Math.max(0, ...matches.map((range) => range.q));
  };
  const openmetrics = wish('application/openmetrics-text', '1.0.0');
  const text = Math.max(wish('text/plain', '0.0.4'), wish('text/*', '0.0.4'), wish('*/*', '0.0.4'));
  return openmetrics > text ? 'openmetrics' : 'text';
}

/** Whether an Accept-Encoding header allows gzip. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const ranges = (acceptEncoding ?? '').split(',').map(parseRange);
  const range = ranges.find(({ media }) => media === 'gzip') ?? ranges.find(({ media }) => media === '*');
  return range !== undefined && range.q > 0;
}

interface Range {
  media: string;
  version: string | undefined;
  q: number;
}

function parseRange(text: string): Range {
  const [media = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const values = new Map(parameters.map((parameter) => splitOnce(parameter)));
  const q = Number(values.get('q') ?? 1);
  return { media, version: values.get('version'), q: q >= 0 && q <= 1 ? q : 0 };
}

function splitOnce(parameter: string): [name: string, value: string] {
  const [name = '', value = ''] = parameter.split('=', 2);
  return [name.trim(), value.trim().replace(/^"(.*)"$/, '$1')];
}
