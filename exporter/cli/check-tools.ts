import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import type { CompiledFile } from './alerts-compile.js';

/** The checkers of Prometheus and Alertmanager themselves, with the variable that names another one. */
const TOOLS = {
  rules: { program: 'promtool', variable: 'PROMTOOL', args: ['check', 'rules'] },
  alertmanager: { program: 'amtool', variable: 'AMTOOL', args: ['check-config'] },
} as const satisfies Readonly<Record<CompiledFile['kind'], object>>;

/** How a check ended: `missing` where its program is not there, which is no failure. */
export interface Checked {
  readonly outcome: 'good' | 'bad' | 'missing';
  /** A line or more for people. */
  readonly says: string;
}

/**
 * Has promtool or amtool read a text before it is written anywhere that counts.
 *
 * @param where the environment, and the folder whose `.tools` is looked in where PATH has no such program
 */
export function checkWithTool(
  { kind, name, path, text }: CompiledFile,
  { env, cwd }: { env: Readonly<Record<string, string | undefined>>; cwd: string },
): Checked {
  const { program, variable, args } = TOOLS[kind];
  const named = env[variable];
  const tool = named ? [named].find(isProgram) : findProgram(program, env.PATH ?? '', cwd);
  if (tool === undefined) {
    return named
      ? { outcome: 'bad', says: `${variable} names ${named}, which is no program` }
      : {
          outcome: 'missing',
          says: `${name}: not checked by ${program}, which is not here. Put it on PATH, or name it in ${variable}.`,
        };
  }
  const folder = mkdtempSync(join(tmpdir(), 'model-observation-alerts-'));
  try {
    const file = join(folder, basename(path));
    writeFileSync(file, text);
    // Which the file names by a path relative to itself.
    const templates = join(dirname(path), 'templates');
    if (kind === 'alertmanager' && existsSync(templates)) symlinkSync(templates, join(folder, 'templates'));
    const { status, stdout, stderr, error } = spawnSync(tool, [...args, file], { encoding: 'utf8', timeout: 60_000 });
    if (status === 0) return { outcome: 'good', says: `${name}: ${program} has nothing to say against it` };
    const said = error === undefined ? `${stdout}${stderr}`.replaceAll(file, name).trim() : error.message;
    return { outcome: 'bad', says: `${name}: ${program} refuses it:\n${said.replace(/^/gm, '    ')}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** On PATH, else where the project's own scripts unpack it. */
function findProgram(name: string, path: string, cwd: string): string | undefined {
  const tools = join(cwd, '.tools');
  const unpacked = existsSync(tools) ? readdirSync(tools).map((folder) => join(tools, folder, 'usr', 'bin')) : [];
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...unpacked];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
