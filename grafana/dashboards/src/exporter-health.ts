import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { QueryVariableBuilder, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import { disk } from './exporter-health/disk.js';
import { isWell } from './exporter-health/is-well.js';
import { logs } from './exporter-health/logs.js';
import { metrics } from './exporter-health/metrics.js';
import { notifications } from './exporter-health/notifications.js';
import { processPanels } from './exporter-health/process.js';
import { records } from './exporter-health/records.js';
import { dashboard } from './frame/dashboard.js';
import { PROMETHEUS } from './frame/datasources.js';
import { prometheusVariable } from './frame/variables.js';
import { INSTANCE } from './query/exporter-series.js';

/** Whether the exporter is well, and where it is not. */
export function exporterHealth(): Dashboard {
  return dashboard({
    uid: 'exporter-health',
    description:
      'Whether the exporter is well: what comes in, its disk, its metrics, its logs. Lines and colours are where its own alerts begin.',
    variables: [prometheusVariable(), instanceVariable()],
    sections: [
      { panels: [...isWell()] },
      { heading: 'Records', panels: records() },
      { heading: 'Disk', panels: disk() },
      { heading: 'Metrics', panels: metrics() },
      { heading: 'Logs', panels: logs() },
      { heading: 'Notifications', panels: notifications() },
      { heading: 'Process', panels: processPanels() },
    ],
  });
}

function instanceVariable() {
  const query = `label_values(model_observation_build_info, ${INSTANCE})`;
  return new QueryVariableBuilder(INSTANCE)
    .label('Exporter')
    .datasource(PROMETHEUS)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });
}
