import { describe, expect, it } from 'vitest';
import { acceptsGzip, negotiateFormat } from './negotiate.js';

const PROMETHEUS_2_42 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const PROMETHEUS_3_PROTOBUF =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=underscores;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const PROMETHEUS_3_TEXT_FIRST =
  'text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.4';
const FIREFOX = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

describe('format', () => {
  it.each([
    ['Prometheus 2.42', PROMETHEUS_2_42, 'openmetrics'],
    ['Prometheus 3', PROMETHEUS_3, 'openmetrics'],
    ['Prometheus 3 that asks for protobuf first', PROMETHEUS_3_PROTOBUF, 'openmetrics'],
    ['Prometheus 3 that asks for text first', PROMETHEUS_3_TEXT_FIRST, 'text'],
    ['a browser', FIREFOX, 'text'],
    ['curl', '*/*', 'text'],
    ['no header', undefined, 'text'],
    ['an empty header', '', 'text'],
    ['only text', 'text/plain', 'text'],
    ['only OpenMetrics, no version', 'application/openmetrics-text', 'openmetrics'],
    ['a quoted version, spaces and capitals', 'Application/OpenMetrics-Text ; Version="1.0.0" ; Q=0.9', 'openmetrics'],
    ['both alike', 'application/openmetrics-text;version=1.0.0, text/plain', 'text'],
    ['OpenMetrics refused', 'application/openmetrics-text;version=1.0.0;q=0, text/html', 'text'],
    ['another version of OpenMetrics only', 'application/openmetrics-text;version=2.0.0', 'text'],
    ['text refused, OpenMetrics allowed', 'text/plain;q=0, application/openmetrics-text;q=0.1', 'openmetrics'],
    ['a broken q', 'application/openmetrics-text;q=high', 'text'],
    ['nothing we have', 'application/json', 'text'],
  ] as const)('%s', (_who, accept, format) => {
    expect(negotiateFormat(accept)).toBe(format);
  });
});

describe('gzip', () => {
  it.each([
    ['gzip', true],
    ['gzip, deflate, br', true],
    ['deflate, GZIP;q=0.5', true],
    ['*', true],
    ['identity', false],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (header, allowed) => {
    expect(acceptsGzip(header)).toBe(allowed);
  });
});
