import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { aptFolder, unpackFromApt } from './apt.mjs';
import { Problem } from './project.mjs';

/** Program → the names it goes by; Debian and Ubuntu call Alertmanager by the name of its package. */
const PROGRAMS = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
  amtool: ['amtool'],
};

const PACKAGES = ['prometheus', 'prometheus-alertmanager'];

/** @typedef {keyof typeof PROGRAMS} Program */

/**
 * @typedef {object} Binaries
 * @property {Partial<Record<Program, string>>} paths absolute, of those that are there
 * @property {Program[]} missing
 * @property {string} reason why some are missing; empty when none is
 * @property {string} fix what the user can do about it; empty when none is missing
 */

/**
 * Where Prometheus's and Alertmanager's programs are: on PATH, or else unpacked in the project. Changes nothing.
 *
 * @returns {Binaries}
 */
export function findBinaries() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const unpacked = aptFolder();
  if (unpacked) folders.push(join(unpacked, 'usr', 'bin'));

  /** @type {Binaries} */
  const found = { paths: {}, missing: [], reason: '', fix: '' };
  for (const program of /** @type {Program[]} */ (Object.keys(PROGRAMS))) {
    const path = PROGRAMS[program].flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
    if (path) found.paths[program] = path;
    else found.missing.push(program);
  }
  if (found.missing.length > 0) {
    found.reason = `${found.missing.join(', ')} not found on PATH`;
    found.fix = unpacked ? 'node scripts/prometheus.mjs' : howToInstall();
  }
  return found;
}

/**
 * The same, after unpacking the system's packages into the project when something is missing and apt is there. Needs
 * no root and touches nothing outside the project. Never throws for want of a program: see `missing`.
 *
 * @param {(line: string) => void} [say] told of each longer step
 * @returns {Promise<Binaries>}
 */
export async function ensureBinaries(say = () => {}) {
  const before = findBinaries();
  if (before.missing.length === 0 || aptFolder() === null) return before;
  try {
    await unpackFromApt(PACKAGES, say);
    return findBinaries();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ...before, reason: error.message, fix: `node scripts/prometheus.mjs (or: ${howToInstall()})` };
  }
}

/** @returns {string} */
function howToInstall() {
  if (aptFolder()) return `sudo apt-get install ${PACKAGES.join(' ')}`;
  if (process.platform === 'darwin') return 'brew install prometheus alertmanager';
  return 'install Prometheus and Alertmanager with the package manager, so that prometheus, promtool, alertmanager and amtool are on PATH';
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const { paths, missing, reason, fix } = await ensureBinaries((line) => console.error(line));
  for (const [program, path] of Object.entries(paths)) console.log(`${program.padEnd(12)} ${path}`);
  if (missing.length > 0) {
    console.error(`missing: ${missing.join(', ')}\n${reason}\nTo fix it: ${fix}`);
    process.exitCode = 1;
  }
}
