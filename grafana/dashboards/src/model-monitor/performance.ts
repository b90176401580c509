import { dataLink, ofSeries } from '../frame/links.js';
import { heatMap } from '../panels/heat-map.js';
import { timeSeries } from '../panels/time-series.js';
import { perMinute } from '../query/expressions.js';
import { mean, quantile } from '../query/measures.js';
import { type Query, series } from '../query/query.js';
import { type Histogram, recorded, recordedPart } from '../query/series.js';
import { CALLS, callsAround } from './calls.js';
import { half, height } from './sizes.js';

const DURATION = 'model_call_duration_seconds';
const FIRST_TOKEN = 'model_first_token_duration_seconds';
const PER_TOKEN = 'model_generation_duration_per_token_seconds';
const ALL_KEYS =
  'Percentiles are of all API keys together, also where a key is chosen; with basic monitoring there is the average only.';

/** How fast calls come, and how fast they are. */
export function performance() {
  return [
    timeSeries({
      title: 'Requests a minute (RPM)',
      description: 'Calls a minute, by how they ended.',
      width: half,
      height,
      unit: 'short',
      stacked: true,
      queries: [series(perMinute(CALLS, ['outcome']), '{{outcome}}')],
      links: [
        dataLink('Calls around this moment', 'inference-logs', {
          time: 'moment',
          set: { outcome: ofSeries('outcome') },
        }),
      ],
    }),
    timeSeries({
      title: 'Tokens a minute (TPM)',
      description:
        'Input and output tokens a minute. Output tokens contain those of reasoning, input tokens those from the cache.',
      width: half,
      height,
      unit: 'short',
      stacked: true,
      queries: [
        series(
          perMinute(recorded('model_usage_total', { usage_type: ['input_tokens', 'output_tokens'] }), ['usage_type']),
          '{{usage_type}}',
        ),
      ],
      links: [callsAround],
    }),
    latency('Call duration', 'How long successful calls took as a whole.', DURATION),
    spread('Call duration, spread', 'How many calls a minute took how long.', DURATION),
    latency('Time to first token', 'How long successful streamed calls took to their first token.', FIRST_TOKEN),
    spread('Time to first token, spread', 'How many streamed calls a minute waited how long.', FIRST_TOKEN),
    latency(
      'Time per token after the first',
      'How long each further token of a successful streamed call took.',
      PER_TOKEN,
    ),
    timeSeries({
      title: 'Tokens a second of one call',
      description:
        'How fast a call gives its tokens after the first: 1 ÷ the average and the median of the time per token. The median is of all API keys.',
      width: half,
      height,
      unit: 'short',
      queries: [
        series(`1 / (${mean(PER_TOKEN, 'moment')} > 0)`, 'average'),
        series(`1 / (${quantile(PER_TOKEN, 0.5, 'moment')} > 0)`, 'p50'),
      ],
      links: [callsAround],
    }),
  ];
}

function latency(title: string, what: string, histogram: Histogram) {
  return timeSeries({
    title,
    description: `${what} ${ALL_KEYS}`,
    width: half,
    height,
    unit: 's',
    queries: percentiles(histogram),
    colours: { average: 'blue', p50: 'green', p95: 'orange', p99: 'red' },
    links: [callsAround],
  });
}

function percentiles(histogram: Histogram): Query[] {
  return [
    series(mean(histogram, 'moment'), 'average'),
    series(quantile(histogram, 0.5, 'moment'), 'p50'),
    series(quantile(histogram, 0.95, 'moment'), 'p95'),
    series(quantile(histogram, 0.99, 'moment'), 'p99'),
  ];
}

function spread(title: string, what: string, histogram: Histogram) {
  return heatMap({
    title,
    description: `${what} Of all API keys together; not of workspaces with basic monitoring.`,
    width: half,
    height,
    unit: 's',
    expr: perMinute(recordedPart(histogram, 'bucket'), ['le']),
    links: [callsAround],
  });
}
