import { ConfigError } from '../config/config-error.js';
import { type LoadOptions, loadSettings } from '../config/load.js';
import type { LokiSettings, Settings } from '../config/settings.js';
import type { Output } from './output.js';

/** Environment and working directory, the process's own unless given. */
export type Where = Pick<LoadOptions, 'env' | 'cwd'>;

/** The configuration, for a command that talks to Loki. @returns null where there is none; stderr was told */
export function lokiConfiguration(
  configFile: string | undefined,
  out: Output,
  where: Where,
): { settings: Settings; loki: LokiSettings } | null {
  try {
    const { settings } = loadSettings({ ...where, configFile });
    if (settings.loki !== null) return { settings, loki: settings.loki };
    out.stderr.write(
      'No Loki is configured. Name the configuration of the exporter with --config, or set loki.url in it\n' +
        '(MODEL_OBSERVATION_LOKI_URL).\n',
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    out.stderr.write(`${error.message}\n`);
  }
  return null;
}
