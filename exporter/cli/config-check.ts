import { ConfigError } from '../config/config-error.js';
import { formatListenAddress } from '../config/listen-address.js';
import { type Loaded, type LoadOptions, loadSettings } from '../config/load.js';
import { readOptions } from './options.js';
import type { Output } from './output.js';

const USAGE = `usage: model-observation config check [--config FILE]

Says what would be used, or everything that is wrong. Starts nothing.
`;

/**
 * `model-observation config check [--config FILE]`.
 *
 * @param args what follows `config check` on the command line
 * @param where environment and working directory, the process's own unless given
 * @returns the exit code: 0 = good, 1 = mistakes, all of them on stderr, 2 = wrong usage
 */
export async function configCheck(
  args: string[],
  out: Output,
  where: Pick<LoadOptions, 'env' | 'cwd'> = {},
): Promise<number> {
  const options = readOptions(args, USAGE, out, { config: 'a file' });
  if (typeof options === 'number') return options;
  try {
    out.stdout.write(`${summaryOf(loadSettings({ ...where, configFile: options.config }))}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { length } = error.problems;
    out.stderr.write(
      `${error.message}\n\n${length === 1 ? '1 problem' : `${length} problems`}: nothing would start.\n`,
    );
    return 1;
  }
}

function summaryOf({ settings, configFile, fromEnvironment }: Loaded): string {
  const { auth } = settings;
  const access = auth.anonymous || auth.tokens.length === 0 ? ', anonymous requests may do everything' : '';
  const facts = [
    `Listens on ${formatListenAddress(settings.listen)}`,
    `data in ${settings.dataDir}`,
    `${counted(auth.tokens.length, 'token')}${access}`,
    `${counted(settings.pricing.models.size, 'model')} priced`,
  ];
  const environment = fromEnvironment.length === 0 ? '' : `\nSet by the environment: ${fromEnvironment.join(', ')}.`;
  return `${configFile ?? 'No configuration file, defaults'}: ok. ${facts.join(', ')}.${environment}`;
}

function counted(count: number, thing: string): string {
  return `${count === 0 ? 'no' : count} ${thing}${count === 1 ? '' : 's'}`;
}
