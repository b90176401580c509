import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * An absolute path inside the project.
 *
 * @param {...string} parts
 * @returns {string}
 */
export function inProject(...parts) {
  return join(ROOT, ...parts);
}

/** A failure that is told to the user as its message alone: what is wrong and what to do. */
export class Problem extends Error {}

/**
 * Turns a file system refusal into a sentence that says what to do; anything else comes back as it was.
 *
 * @param {unknown} error
 * @param {string} path what was being written
 * @returns {unknown}
 */
export function explainWriteError(error, path) {
  const code = /** @type {NodeJS.ErrnoException} */ (error).code;
  const name = relative(ROOT, path) || '.';
  if (code === 'EACCES' || code === 'EPERM') {
    return new Problem(
      `No write access to ${name} in ${ROOT}. It probably belongs to another user: give it back with ` +
        `"sudo chown -R $(id -un) '${ROOT}'", or work in a copy of your own.`,
    );
  }
  if (code === 'EROFS') {
    return new Problem(`${ROOT} is on a read-only file system. Work in a copy on a writable one.`);
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Problem(`The disk that holds ${ROOT} is full. Free some space, then run the same command again.`);
  }
  return error;
}

/**
 * One line on a step of the work.
 *
 * @param {string} line
 */
export function say(line) {
  // On stderr: what the task itself prints on stdout stays clean for pipes.
  process.stderr.write(`${line}\n`);
}
