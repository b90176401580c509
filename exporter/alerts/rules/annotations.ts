import { ALERT_METRICS } from '../model/alert-metrics.js';
import type { Links, Rule, Template } from '../model/alerts.js';
import type { AlertLevel } from '../model/levels.js';
import { conditionsText, subjectText, thresholdOf, valueTemplate, valueText } from '../model/value-text.js';
import { literal } from './go-template.js';

export type Annotations = Readonly<Record<string, string>>;

/** Of a template that is not official, nobody has written what to do. */
const OWN_TEMPLATE_RUNBOOK = 'own-template';

/** What an alert says beside its labels. Templates of Prometheus, in which texts of users are literal. */
export function annotationsOf(rule: Rule, level: AlertLevel, links: Links): Annotations {
  const { template, message } = rule;
  const value = valueAt(template, level);
  const threshold = literal(thresholdText(template, level, rule));
  const runbook = template.isOfficial ? template.name : OWN_TEMPLATE_RUNBOOK;
  return {
    summary: literal(template.summary),
    description: `${subjects(template, level)} is ${value}, for ${subjectOf(template)}. ${capital(level)}: ${literal(conditionsText(template, level))}.`,
    value,
    threshold,
    ...(message !== '' && { message: messageTemplate(message, level, value, threshold) }),
    runbook_url: literal(`${links.runbooks}/${runbook}`),
    ...linksOf(rule, links),
  };
}

/** What the value is of. Of `any` it is of the condition that holds, which may be each of them. */
function subjects({ conditions, match }: Template, level: AlertLevel): string {
  const reaching = conditions.filter((condition) => thresholdOf(condition, level) !== null);
  const named = match === 'all' ? reaching.slice(0, 1) : reaching;
  return literal(capital(named.map(subjectText).join(' or ')));
}

/** Of `any` with several units only the number is known: which of the conditions it is of is not. */
function valueAt({ conditions, match }: Template, level: AlertLevel): string {
  const reaching = conditions.filter((condition) => thresholdOf(condition, level) !== null);
  const [first] = match === 'all' ? conditions : reaching;
  if (first === undefined) return '{{ $value }}';
  const templates = new Set(reaching.map(valueTemplate));
  return match === 'any' && templates.size > 1 ? '{{ $value | humanize }}' : valueTemplate(first);
}

function thresholdText({ conditions, match }: Template, level: AlertLevel, { budget }: Rule): string {
  const texts = conditions.flatMap((condition) => {
    const threshold = thresholdOf(condition, level);
    if (threshold === null) return [];
    const text = valueText(threshold, condition);
    return [budget === null ? text : `${text} of ${budget.amount} ${budget.currency}`];
  });
  return texts.join(match === 'any' ? ' or ' : ' and ');
}

function subjectOf({ conditions }: Template): string {
  return conditions.some(({ metric }) => ALERT_METRICS[metric].needsBudget)
    ? 'workspace {{ $labels.workspace_id }}'
    : 'model {{ $labels.model }} in workspace {{ $labels.workspace_id }}';
}

/** A rule's message with its placeholders filled in, and everything else as it was written. */
function messageTemplate(message: string, level: AlertLevel, value: string, threshold: string): string {
  const fill: Readonly<Record<string, string>> = {
    $value: value,
    $threshold: threshold,
    $level: level,
    '$labels.workspace_id': '{{ $labels.workspace_id }}',
    '$labels.model': '{{ $labels.model }}',
  };
  return message
    .split(/(\$labels\.(?:workspace_id|model)\b|\$(?:value|threshold|level)\b)/)
    .map((part) => fill[part] ?? literal(part))
    .join('');
}

function linksOf({ name }: Rule, { grafana, alertmanager }: Links): Annotations {
  const where = ['workspace', 'model']
    .map((variable) => `var-${variable}=${labelInUrl(variable === 'workspace' ? 'workspace_id' : 'model', '$__all')}`)
    .join('&');
  return {
    dashboard_url: `${literal(grafana)}/d/model-monitor/model-monitor?${where}`,
    logs_url: `${literal(grafana)}/d/inference-logs/inference-logs?${where}`,
    silence_url: silenceUrl(alertmanager, name),
  };
}

/** `*` is no workspace and no model: the dashboard then shows all. */
function labelInUrl(label: string, all: string): string {
  const value = `$labels.${label}`;
  return `{{ if eq ${value} "*" }}${all}{{ else }}{{ ${value} | urlquery }}{{ end }}`;
}

/**
 * Alertmanager's form for a silence, filled in. Its page does not read `+` as a space, and its matchers know no other escapes than those of
 * quotes, backslashes and line breaks.
 */
function silenceUrl(alertmanager: string, rule: string): string {
  const matcher = (label: string) =>
    `${label}%3D%22{{ reReplaceAll "\\n" "\\\\n" (reReplaceAll "([\\\\\\\\\\"])" "\\\\$1" $labels.${label}) | urlquery | reReplaceAll "\\\\+" "%20" }}%22`;
  const ruleMatcher = literal(encodeURIComponent(`rule=${JSON.stringify(rule)}`));
  return `${literal(alertmanager)}/#/silences/new?filter=%7B${ruleMatcher}%2C${matcher('workspace_id')}%2C${matcher('model')}%7D`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
