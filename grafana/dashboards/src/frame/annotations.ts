import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { type AnnotationQuery, AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { ALERT_LEVELS } from '../../../../exporter/alerts/model/levels.js';
import { firingAlerts } from '../query/alert-series.js';
import { gauge } from '../query/series.js';
import { LEVEL_COLOURS } from './colours.js';
import { PROMETHEUS } from './datasources.js';

/** Where alerts of the two highest levels begin, of the chosen models, in the colours of their levels, and where counters began again. */
export function annotations(): Builder<AnnotationQuery>[] {
  const alerts = ALERT_LEVELS.filter((level) => level === 'error' || level === 'critical').map((level) =>
    new AnnotationQueryBuilder()
      .name(`Alerts: ${level}`)
      .datasource(PROMETHEUS)
      .enable(true)
      .hide(true)
      .iconColor(LEVEL_COLOURS[level])
      // Where they begin: drawn for as long as they fire, those of many models would cover the panels.
      .expr(`${firingAlerts(level)} unless ${firingAlerts(level)} offset $__interval`)
      .step('1m')
      .titleFormat('{{alertname}}')
      .textFormat('{{level}}: {{model}} in {{workspace_id}}, by rule {{rule}}')
      .tagKeys('level,rule'),
  );
  const epochs = new AnnotationQueryBuilder()
    .name('Counters began again')
    .datasource(PROMETHEUS)
    .enable(true)
    .hide(true)
    .iconColor('purple')
    .expr(`changes(${gauge('model_observation_counters_epoch')}[$__rate_interval]) > 0`)
    .step('1m')
    .titleFormat('Counters began again')
    .textFormat(
      'All call counters of {{instance}} were born again at 0: totals over this moment may lack a few calls.',
    );
  return [...alerts, epochs];
}
