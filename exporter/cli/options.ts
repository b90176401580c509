import { parseArgs } from 'node:util';
import type { Output } from './output.js';

type Values<Text extends string, Flag extends string> = { [Name in Text]?: string } & { [Name in Flag]?: boolean };

/**
 * Reads a command's options. `--help` prints the usage, and what is wrong goes to stderr with the usage
 * behind it; the command is then over.
 *
 * @param texts options that take a text which must not be empty, by what the text is: `{ config: 'a file' }`
 * @returns the options, or the exit code to end with: 0 after `--help`, 2 = wrong usage
 */
export function readOptions<Text extends string, Flag extends string = never>(
  args: string[],
  usage: string,
  out: Output,
  texts: Readonly<Record<Text, string>>,
  flags: readonly Flag[] = [],
): Values<Text, Flag> | number {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const name of Object.keys(texts)) options[name] = { type: 'string' };
  for (const name of flags) options[name] = { type: 'boolean' };
  try {
    const { values } = parseArgs({ args, options });
    if (values.help) {
      out.stdout.write(usage);
      return 0;
    }
    for (const [name, what] of Object.entries(texts)) {
      if (values[name] === '') throw new Error(`--${name} needs ${what}`);
    }
    return values as Values<Text, Flag>;
  } catch (error) {
    out.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
}
