import { join } from 'node:path';
import { PROJECT_ROOT } from './project-root.js';
import { ServerProcess } from './server-process.js';

export const MAIN = join(PROJECT_ROOT, 'dist/exporter/main.js');

export interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Readonly<Record<string, string | undefined>>;
  uid?: number;
  gid?: number;
}

/** Runs one command of the exporter to its end, e.g. `commandLine(['config', 'check'])`. */
export async function commandLine(args: readonly string[], options: RunOptions = {}): Promise<Answer> {
  const process_ = await ServerProcess.spawn({
    name: `model-observation ${args.join(' ')}`,
    command: process.execPath,
    args: [MAIN, ...args],
    ...options,
  });
  const { code } = await process_.exited;
  return { code, stdout: process_.stdout, stderr: process_.stderr };
}
