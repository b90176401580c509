import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { levelMapping, UNKNOWN } from '../frame/colours.js';
import { stateTimeline } from '../panels/state-timeline.js';
import { timeSeries } from '../panels/time-series.js';
import { BUDGET_ALERTS, firingLevels } from '../query/alert-levels.js';
import { max, sum } from '../query/expressions.js';
import { series } from '../query/query.js';
import { half, height } from './sizes.js';

/** Recorded where a rule on budgets is set, and nowhere else. */
const SPENT =
  'workspace_model:alert_cost:sum_1d{inference_type="all", workspace_id=~"$workspace", currency=~"$currency"}';
const NO_BUDGET = 'No rule has a budget: see daily-budget in config/alerts.yml';

/** No level: without a budget nobody watches, which is not well. */
const UNSET = -1;
const NOBODY_WATCHES: ValueMap = {
  type: MappingType.ValueToText,
  options: { [UNSET]: { text: 'no budget is set', color: UNKNOWN, index: 0 } },
};

/** What was spent against budgets. */
export function budgets() {
  const fired = max(firingLevels(BUDGET_ALERTS), ['workspace_id', 'rule']);
  const none = `label_replace(0 * max(${SPENT}), "rule", "no budget alert", "", "")`;
  const unset = `label_replace(vector(${UNSET}), "rule", "no budget is set", "", "")`;
  return [
    timeSeries({
      title: 'Spent in 24 hours ($currency)',
      description:
        'What each workspace spent in the 24 hours before each moment: what alerts on budgets look at. Of all models and keys.',
      width: half,
      height,
      unit: 'short',
      queries: [series(sum(SPENT, ['workspace_id']), '{{workspace_id}}')],
    }).noValue(NO_BUDGET),
    stateTimeline({
      title: 'Alerts on budgets',
      description: 'The level of the alert on the daily budget of each workspace over time, where one fired.',
      width: half,
      height,
      unit: 'none',
      mappings: [levelMapping(), NOBODY_WATCHES],
      queries: [series(`${fired} or on () ${none} or on () ${unset}`, '{{rule}} {{workspace_id}}')],
      nothing: NO_BUDGET,
    }),
  ];
}
