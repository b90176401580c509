import type { Links } from '../model/alerts.js';
import type { PrometheusRule, RuleGroup } from '../rules/prometheus-rule.js';
import { HEALTH_ALERTS, type HealthAlert } from './health-alerts.js';

/**
 * Fires always. Whoever hears of it again and again knows that Prometheus evaluates and Alertmanager delivers; whoever does not any
 * more, that they don't.
 */
const WATCHDOG: PrometheusRule = {
  alert: 'Watchdog',
  expr: 'vector(1)',
  annotations: {
    summary: 'Alerting works.',
    description: 'Fires always, so that its silence tells that alerts do not come through.',
  },
};

/** The exporter's own alerts and the Watchdog. */
export function healthGroup(links: Links): RuleGroup {
  return {
    name: 'model-observation-alerts-health',
    interval: '1m',
    rules: [WATCHDOG, ...HEALTH_ALERTS.map((alert) => ruleOf(alert, links))],
  };
}

function ruleOf(alert: HealthAlert, { grafana, alertmanager, runbooks }: Links): PrometheusRule {
  const { name, level, summary, description, value, threshold } = alert;
  const words = name.split('-').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  // Whose labels an expression has it keeps; the others are of all.
  const labels = Object.fromEntries(['workspace_id', 'model'].map((label) => [label, `{{ or $labels.${label} "*" }}`]));
  const filter = encodeURIComponent(`{rule=${JSON.stringify(name)}}`);
  return {
    alert: `ModelObservation${words.join('')}`,
    expr: alert.expr,
    for: alert.for,
    labels: { rule: name, level, template: 'exporter', ...labels },
    annotations: {
      summary,
      description,
      value,
      threshold,
      runbook_url: `${runbooks}/${name}`,
      dashboard_url: `${grafana}/d/exporter-health/exporter-health`,
      logs_url: `${grafana}/d/exporter-health/exporter-health`,
      silence_url: `${alertmanager}/#/silences/new?filter=${filter}`,
    },
  };
}
