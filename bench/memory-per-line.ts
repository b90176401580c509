import type { Figure } from './figure.js';
import { benchScript, runOn, SERVER_CORE } from './processes.js';
import { checkScale, SCALE_BIRTHS, SCALE_KEYS } from './series-scale.js';

/** Bytes of memory that a line of the exposition takes. Baseline: the same series in prom-client. */
export async function memoryPerLine(): Promise<Figure> {
  const value = await bytesPerLine('exporter');
  const baseline = await bytesPerLine('prom-client');
  return { name: 'memory.per_line', value, unit: 'bytes', baseline, ratio: baseline / value };
}

async function bytesPerLine(whose: 'exporter' | 'prom-client'): Promise<number> {
  const args = [whose, String(SCALE_BIRTHS), SCALE_KEYS];
  const script = benchScript('series-memory.js');
  const { bytes, lines } = await runOn<{ bytes: number; lines: number }>(SERVER_CORE, script, args, ['--expose-gc']);
  checkScale(whose, lines);
  return bytes / lines;
}
