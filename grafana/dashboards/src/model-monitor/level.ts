import { levelMapping } from '../frame/colours.js';
import { stateTimeline } from '../panels/state-timeline.js';
import { alertLevel } from '../query/alert-series.js';
import { max } from '../query/expressions.js';
import { series } from '../query/query.js';
import { callsAround } from './calls.js';

const BY_MODEL = ['workspace_id', 'model'] as const;
/** Those of the whole range: the worst of each moment would be others all the time. */
const WORST = `topk(8, ${max(`max_over_time(${alertLevel()}[$__range] @ end())`, BY_MODEL)})`;

/** How the level of each model went. */
export function levels() {
  return stateTimeline({
    title: 'Level',
    description:
      'The highest level of the alerts of each model over time; the eight that came highest in the time range. * is a whole account or workspace.',
    width: 24,
    height: 7,
    unit: 'none',
    mappings: [levelMapping()],
    queries: [
      series(`${max(alertLevel(), BY_MODEL)} and on (workspace_id, model) ${WORST}`, '{{model}} {{workspace_id}}'),
    ],
    links: [callsAround],
    nothing: 'No alert rules are loaded, or monitoring is basic',
  });
}
