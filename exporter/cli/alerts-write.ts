import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { CompiledFile } from './alerts-compile.js';

/** For other users to read: Prometheus and Alertmanager are such, and nothing in these files is secret. */
const MODE = 0o644;

/** Those whose text is not the one on disk. */
export function differing(files: readonly CompiledFile[]): CompiledFile[] {
  return files.filter(({ path, text }) => !existsSync(path) || readFileSync(path, 'utf8') !== text);
}

/**
 * Puts a file in the place of another as a whole: whoever reads it meanwhile gets the old or the new one.
 * @throws system errors; the old file is there then
 */
export function writeWhole({ path, text }: Pick<CompiledFile, 'path' | 'text'>): void {
  mkdirSync(dirname(path), { recursive: true });
  // Where somebody has linked it to another place, that one is meant.
  const target = existsSync(path) ? realpathSync(path) : path;
  const mode = existsSync(target) ? statSync(target).mode & 0o777 : MODE;
  // Not `.yml`: Prometheus must not take it for one more file of rules.
  const unfinished = `${target}.tmp`;
  try {
    rmSync(unfinished, { force: true });
    const fd = openSync(unfinished, 'wx', mode);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
