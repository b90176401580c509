import { notesOf } from './alerts-check.js';
import {
  ALERTS_INPUTS,
  ALERTS_OUTPUTS,
  type CompiledFile,
  compileFiles,
  isExporterUrl,
  readAlerts,
  type Where,
} from './alerts-compile.js';
import { differing, writeWhole } from './alerts-write.js';
import { readOptions } from './options.js';
import type { Output } from './output.js';

const USAGE = `usage: model-observation alerts build [options]

Checks the alerts, and writes them as rules of Prometheus and routes of Alertmanager. Where something is wrong it writes
nothing.

  --alerts FILE            the alerts (config/alerts.yml)
  --config FILE            the configuration of the exporter: monitoring modes, quotas, prices
  --rules-out FILE         prometheus/rules/alerts.yml
  --alertmanager-out FILE  alertmanager/alertmanager.yml; without this option also the one that docker-compose.yml takes,
                           alertmanager/compose/alertmanager.yml
  --exporter-url URL       where Alertmanager reaches the exporter, instead of exporter.url
  --check                  writes nothing; exit code 1 where a file differs

Exit code: 0 good, 1 mistakes, or files that differ or cannot be written, 2 wrong usage.
`;

/**
 * `model-observation alerts build`.
 * @returns the exit code: 0 = good, 1 = mistakes or files that differ, 2 = wrong usage
 */
export async function alertsBuild(args: string[], out: Output, where: Where = {}): Promise<number> {
  const options = readOptions(args, USAGE, out, { ...ALERTS_INPUTS, ...ALERTS_OUTPUTS }, ['check']);
  if (typeof options === 'number') return options;
  if (!isExporterUrl(options['exporter-url'], out)) return 2;
  const loaded = readAlerts(options, out, where);
  if (loaded === null) return 1;
  const files = compileFiles(loaded, options, where);
  if (options.check) {
    const changed = differing(files);
    for (const { name } of changed) {
      out.stderr.write(`${name} is out of date: run model-observation alerts build\n`);
    }
    return changed.length === 0 ? 0 : 1;
  }
  const isGood = writeFiles(files, out);
  out.stdout.write(notesOf(loaded));
  return isGood ? 0 : 1;
}

/** Writes those that changed, and tells of each. @returns whether all are there */
export function writeFiles(files: readonly CompiledFile[], out: Output): boolean {
  let isGood = true;
  for (const file of files) {
    try {
      const [changed] = differing([file]);
      if (changed !== undefined) writeWhole(changed);
      out.stdout.write(`${file.name}: ${changed === undefined ? 'unchanged' : 'written'}\n`);
    } catch (error) {
      out.stderr.write(`${file.name} cannot be written: ${(error as Error).message}\n`);
      isGood = false;
    }
  }
  return isGood;
}
