/*
 * The history of alerts in Loki: an entry for each start and each end. The exporter writes what Alertmanager tells it.
 */

/** Entries of the chosen workspaces, models and rules; of a whole account or workspace, too. */
export function chosenAlerts(status?: 'firing' | 'resolved'): string {
  const stream = [
    'service_name="model-observation"',
    'log="alerts"',
    'workspace_id=~"$workspace|\\\\*"',
    'model=~"$model|\\\\*"',
  ];
  const filters = ['rule=~"$rule"', ...(status === undefined ? [] : [`status="${status}"`])];
  return [`{${stream.join(', ')}}`, ...filters].join(' | ');
}

/** What the line has beside labels and metadata. */
const DETAILS = ['value', 'threshold', 'summary', 'message', 'runbook_url', 'silence_url', 'ends_at'];

/** The same with the texts and links of the line as labels. */
export function withTexts(entries: string): string {
  return `${entries} | json ${DETAILS.map((name) => `${name}="${name}"`).join(', ')}`;
}
