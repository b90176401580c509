import { knownFrom0, levelMapping, levelThresholds } from '../frame/colours.js';
import { healthThresholds } from '../frame/health-thresholds.js';
import { stat } from '../panels/stat.js';
import { stateTimeline } from '../panels/state-timeline.js';
import { EXPORTER_ALERTS, firingLevels, NO_RULES, rulesAreLoaded } from '../query/alert-levels.js';
import { exporterIncrease, foreign } from '../query/exporter-series.js';
import { count, sum } from '../query/expressions.js';
import { instant, series } from '../query/query.js';
import { JOB } from './job.js';

/** Whether the exporters are well, at one look. */
export function isWell() {
  // Alerts about the exporter are of the whole installation: some of them know no instance.
  const alerts = `max by (rule) ${firingLevels(EXPORTER_ALERTS)}`;
  const well = `label_replace(${rulesAreLoaded()}, "rule", "no alert about the exporter", "", "")`;
  const tile = { width: 6, height: 4, unit: 'none', look: 'tile' } as const;
  return [
    stat({
      ...tile,
      title: 'Exporters',
      description: 'How many exporters answer Prometheus, and how many do not.',
      thresholds: levelThresholds(new Map([])),
      nothing: 'None is known in this range',
      queries: [
        instant(`${count(`${foreign('up', JOB)} == 1`)}`, 'up'),
        instant(`${count(`${foreign('up', JOB)} == 0`)}`, 'down'),
      ],
    }).overrideByQuery('B', [{ id: 'thresholds', value: knownFrom0(healthThresholds('records-refused')) }]),
    stat({
      ...tile,
      title: 'Alerts about the exporter now',
      description:
        'Those that fire at the end of the time range, by their level; the runbook of each is named like it.',
      width: 12,
      nothing: NO_RULES,
      thresholds: levelThresholds(new Map([])),
      queries: [instant(`sort_desc(${alerts} or on () ${well})`, '{{rule}}')],
    }).mappings([levelMapping()]),
    stat({
      ...tile,
      title: 'Refused',
      description:
        'Records of the last 5 minutes that were answered 503, because they could not be stored. Senders that try again lose nothing.',
      unit: 'short',
      look: 'value',
      thresholds: healthThresholds('records-refused'),
      queries: [
        series(sum(exporterIncrease('model_observation_records_total', { answer: 'unavailable' }, '5m')), 'refused'),
      ],
    }),
    stateTimeline({
      title: 'Alerts about the exporter over time',
      description: 'Each alert about the exporter that fired in the time range, by its level.',
      width: 24,
      height: 5,
      unit: 'none',
      mappings: [levelMapping()],
      queries: [series(`${alerts} or on () ${well}`, '{{rule}}')],
      nothing: NO_RULES,
    }),
  ];
}
