import { stat } from '../panels/stat.js';
import { timeSeries } from '../panels/time-series.js';
import { exporterGauge, exporterQuantile, foreign } from '../query/exporter-series.js';
import { instant, series } from '../query/query.js';
import { JOB } from './job.js';
import { height, third } from './sizes.js';

/** The process itself. */
export function processPanels() {
  return [
    timeSeries({
      title: 'Event loop',
      description: 'How much later than asked for a timer ran: what every request waits for besides its own work.',
      width: third,
      height,
      unit: 's',
      queries: [
        series(exporterQuantile('model_observation_event_loop_lag_seconds', 0.5), 'p50'),
        series(exporterQuantile('model_observation_event_loop_lag_seconds', 0.99), 'p99'),
      ],
      colours: { p50: 'green', p99: 'red' },
    }),
    timeSeries({
      title: 'Memory',
      description: 'Memory that the process has of the machine, and what of it is in use on the heap of Node.js.',
      width: third,
      height,
      unit: 'bytes',
      queries: [
        series(foreign('process_resident_memory_bytes', JOB), 'resident {{instance}}'),
        series(foreign('nodejs_heap_size_used_bytes', JOB), 'heap {{instance}}'),
      ],
    }),
    timeSeries({
      title: 'CPU',
      description: 'CPU cores that the process uses, its worker for the logs included.',
      width: third,
      height,
      unit: 'short',
      queries: [series(`rate(${foreign('process_cpu_seconds_total', JOB)}[$__rate_interval])`, '{{instance}}')],
    }),
    stat({
      title: 'Running for',
      description: 'How long each exporter has run, with its version and that of Node.js.',
      width: 24,
      height: 4,
      unit: 's',
      decimals: 0,
      look: 'tile',
      queries: [
        instant(
          `(time() - ${foreign('process_start_time_seconds', JOB)}) * on (instance) group_left (version, node) ${exporterGauge('model_observation_build_info')}`,
          '{{instance}} · {{version}} · Node {{node}}',
        ),
      ],
    }),
  ];
}
