import { dataLink } from '../frame/links.js';
import { timeSeries } from '../panels/time-series.js';
import { perMinute, ratio, sum } from '../query/expressions.js';
import { series } from '../query/query.js';
import { recorded } from '../query/series.js';
import { ENDED } from './calls.js';
import { half, height } from './sizes.js';

/** What content moderation refused. */
export function security() {
  const moderated = recorded('model_call_failures_total', { failure: 'content_moderation' });
  const links = [
    dataLink('Moderated calls around this moment', 'inference-logs', {
      time: 'moment',
      set: { outcome: 'failure', failure: 'content_moderation' },
    }),
  ];
  return [
    timeSeries({
      title: 'Refused by content moderation, by model',
      description: 'Calls a minute whose request or answer content moderation refused.',
      width: half,
      height,
      unit: 'short',
      stacked: true,
      queries: [series(perMinute(moderated, ['model']), '{{model}}')],
      links,
    }),
    timeSeries({
      title: 'Share of calls refused by content moderation',
      description: 'Of all calls that ended in success or failure.',
      width: half,
      height,
      unit: 'percentunit',
      queries: [series(ratio(sum(moderated), sum(ENDED)), 'share')],
      colours: { share: 'purple' },
      links,
    }),
  ];
}
