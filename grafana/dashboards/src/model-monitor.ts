import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotations } from './frame/annotations.js';
import { dashboard } from './frame/dashboard.js';
import { currencyVariable, filterVariables, prometheusVariable, resolutionVariables } from './frame/variables.js';
import { cost } from './model-monitor/cost.js';
import { errors } from './model-monitor/errors.js';
import { levels } from './model-monitor/level.js';
import { performance } from './model-monitor/performance.js';
import { security } from './model-monitor/security.js';

/** One model, or several together: how its level went, and security, cost, performance and errors over time. */
export function modelMonitor(): Dashboard {
  return dashboard({
    uid: 'model-monitor',
    description: 'How a model fares: errors, performance, cost and security, with the way to the calls of any moment.',
    variables: [prometheusVariable(), ...filterVariables(), currencyVariable(), ...resolutionVariables()],
    annotations: annotations(),
    sections: [
      { panels: [levels()] },
      { heading: 'Error', panels: errors() },
      { heading: 'Performance', panels: performance() },
      { heading: 'Cost', panels: cost() },
      { heading: 'Security', panels: security() },
    ],
  });
}
