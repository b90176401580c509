import { dataLink } from '../frame/links.js';
import { recorded } from '../query/series.js';

export const CALLS = recorded('model_calls_total');

/** What failure rates are of: a cancelled call is neither success nor failure. */
export const ENDED = recorded('model_calls_total', { outcome: ['success', 'failure'] });

export const callsAround = dataLink('Calls around this moment', 'inference-logs', { time: 'moment' });
export const failedCallsAround = dataLink('Failed calls around this moment', 'inference-logs', {
  time: 'moment',
  set: { outcome: 'failure' },
});
