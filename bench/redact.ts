import type { Figure } from './figure.js';
import { benchScript, runOn, SERVER_CORE } from './processes.js';

const CONTENTS = '500';

interface Timed {
  bytes: number;
  seconds: number;
}

/**
 * Megabytes of content a second that are parsed, masked and written again on one core: contents of 8 KB, one in ten
 * with something to redact. Baseline: the same bytes through JSON.parse and JSON.stringify alone.
 */
export async function redact(): Promise<Figure> {
  const masked = await runOn<Timed>(SERVER_CORE, benchScript('redact-load.js'), [CONTENTS, 'mask']);
  const copied = await runOn<Timed>(SERVER_CORE, benchScript('redact-load.js'), [CONTENTS, 'copy']);
  const rate = ({ bytes, seconds }: Timed): number => bytes / 1e6 / seconds;
  return {
    name: 'redact',
    value: rate(masked),
    unit: 'MB/s',
    baseline: rate(copied),
    ratio: rate(masked) / rate(copied),
  };
}
