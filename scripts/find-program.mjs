import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { Problem } from './project.mjs';

/**
 * A program of the machine: the one that an environment variable names, else the first on PATH that has one of the names.
 *
 * @param {object} wanted
 * @param {string} wanted.title what people call it
 * @param {string} wanted.variable
 * @param {readonly string[]} wanted.names
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} its absolute path; undefined when there is none
 * @throws {Problem} when the variable names something else
 */
export function findProgram({ title, variable, names }, env) {
  const named = env[variable];
  if (named) {
    if (isProgram(named)) return resolve(named);
    throw new Problem(`${variable} names ${named}, which is no program. Name ${title}'s, or take the variable away.`);
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  return found === undefined ? undefined : resolve(found);
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
