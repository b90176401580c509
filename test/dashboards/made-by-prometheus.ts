import { ALERT_LEVELS, LEVEL_NUMBERS } from '../../exporter/alerts/model/levels.js';
import { BASIC, CURRENCY, INSTANCES, MODELS } from './sample-traffic.js';

const RULES = ['failure-rate', 'call-duration', 'daily-budget'] as const;

/** What Prometheus says of its targets and of alerts at a moment, and series that the sample traffic is too small for. */
export function madeByPrometheus(at: number): string[] {
  return [...targets(), ...alerts(at), ...folded(at)];
}

function targets(): string[] {
  return INSTANCES.flatMap((instance) => {
    const labels = `{job="model-observation",instance="${instance}"}`;
    return [
      `up${labels} 1`,
      `scrape_duration_seconds${labels} 0.02`,
      `scrape_samples_scraped${labels} 4000`,
      `scrape_samples_post_metric_relabeling${labels} 4000`,
      `scrape_series_added${labels} 10`,
    ];
  });
}

/** Each level fires of some rule and model; the rules of models that are well are at 0. */
function alerts(at: number): string[] {
  const lines = ['ALERTS{alertname="Watchdog",alertstate="firing",severity="none"} 1'];
  const minute = Math.floor(at / 60_000);
  for (const workspace of ['checkout', 'search']) {
    for (const [number, model] of MODELS.entries()) {
      for (const [index, rule] of RULES.entries()) {
        const level = ALERT_LEVELS[(Math.floor(minute / 10) + number + index) % (ALERT_LEVELS.length + 1)];
        const labels = `workspace_id="${workspace}",model="${model}",rule="${rule}"`;
        lines.push(`model_alert_level{${labels}} ${level === undefined ? 0 : LEVEL_NUMBERS[level]}`);
        if (level === undefined) continue;
        lines.push(
          `ALERTS{alertname="${nameOf(rule)}",alertstate="firing",level="${level}",template="${rule}",${labels}} 1`,
          `ALERTS_FOR_STATE{alertname="${nameOf(rule)}",level="${level}",template="${rule}",${labels}} ${at / 1000 - 600}`,
        );
      }
    }
  }
  lines.push(
    'ALERTS{alertname="ExporterLokiBacklog",alertstate="firing",level="warning",rule="exporter",template="exporter",workspace_id="*",model="*"} 1',
  );
  return lines;
}

function folded(at: number): string[] {
  const calls = Math.floor(at / 15_000) % 1_000_000;
  return [
    `alertmanager_notifications_total{integration="webhook",instance="alertmanager",job="alertmanager"} ${calls}`,
    `alertmanager_notifications_failed_total{integration="webhook",instance="alertmanager",job="alertmanager"} ${calls}`,
    ...[BASIC, 'checkout', 'search'].map(
      (workspace) =>
        `workspace_model:alert_cost:sum_1d{workspace_id="${workspace}",model="${MODELS[0]}",inference_type="all",currency="${CURRENCY}"} ${calls}`,
    ),
    ...[BASIC, 'checkout', 'search'].map(
      (workspace) =>
        `model_observation_overflow_calls_total{workspace_id="${workspace}",dimension="apikey_id",instance="${INSTANCES[0]}",job="model-observation"} ${calls}`,
    ),
  ];
}

function nameOf(rule: string): string {
  return rule.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
