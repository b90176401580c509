import { dataLink } from '../frame/links.js';
import { recorded } from '../query/series.js';

export const CALLS = recorded('model_calls_total');

/** What failure rates are of: a cancelled call is neither success nor failure. */
export const ENDED = recorded('model_calls_total', { outcome: ['success', 'failure'] });

export const callsOfMinute = dataLink('Calls of this minute', 'inference-logs', { time: 'minute' });
export const failedCallsOfMinute = dataLink('Failed calls of this minute', 'inference-logs', {
  time: 'minute',
  set: { outcome: 'failure' },
});
