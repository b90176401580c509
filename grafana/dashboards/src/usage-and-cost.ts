import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './frame/dashboard.js';
import {
  barVariable,
  currencyVariable,
  filterVariables,
  prometheusVariable,
  resolutionVariables,
} from './frame/variables.js';
import { budgets } from './usage-and-cost/budgets.js';
import { byDayOrHour } from './usage-and-cost/by-day-or-hour.js';
import { keys, models } from './usage-and-cost/by-whom.js';
import { cards } from './usage-and-cost/cards.js';
import { overTime } from './usage-and-cost/over-time.js';

/** What was used and what it cost, by whom. */
export function usageAndCost(): Dashboard {
  return dashboard({
    uid: 'usage-and-cost',
    description:
      'What was used and what it cost: by workspace, API key, model and day, and against budgets. Totals over more than 2 days lack the last half-hour.',
    from: 'now-7d',
    variables: [
      prometheusVariable(),
      ...filterVariables(),
      currencyVariable(),
      ...resolutionVariables(),
      barVariable(),
    ],
    sections: [
      { panels: cards() },
      { heading: 'By day or hour', panels: byDayOrHour() },
      { heading: 'By whom', panels: [keys(), models()] },
      { heading: 'Over time', panels: overTime() },
      { heading: 'Budgets', panels: budgets() },
    ],
  });
}
