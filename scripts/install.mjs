import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { run } from './child.mjs';
import { withLock } from './lock.mjs';
import { inProject, Problem, ROOT, say } from './project.mjs';

/**
 * Runs `npm ci` unless node_modules already holds what package-lock.json asks for.
 *
 * npm writes down what it has installed in node_modules/.package-lock.json, so that file is the stamp: it also knows
 * about an installation made by hand, one without the development packages, and one that was interrupted (no file).
 */
export async function ensureInstalled() {
  if (isInstalled()) return;
  await withLock(
    inProject('.tools', 'install.lock'),
    async () => {
      if (!isInstalled()) await install();
    },
    () => say('waiting for another installation to end'),
  );
}

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockEntry */

function isInstalled() {
  const wanted = readPackages(inProject('package-lock.json'));
  if (!wanted)
    throw new Problem(`package-lock.json is missing in ${ROOT}. Get it back with "git checkout package-lock.json".`);
  const installed = readPackages(inProject('node_modules', '.package-lock.json'));
  if (!installed) return false;
  return Object.entries(wanted).every(([path, { version, integrity, ...entry }]) => {
    if (path === '') return true;
    const there = installed[path];
    // Optional ones are often for other platforms, and rightly absent on this one.
    if (!there) return entry.optional || entry.devOptional || entry.peer;
    return there.version === version && there.integrity === integrity && existsSync(inProject(path));
  });
}

/**
 * @param {string} path
 * @returns {Record<string, LockEntry> | null}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return null;
  }
}

async function install() {
  requireWritable();
  const started = Date.now();
  say('installing dependencies (npm ci)');
  // Development packages hold the compiler: they are needed even under NODE_ENV=production. The log level is named
  // because "npm test --silent" would hand its own down and leave nothing to explain a failure with.
  const args = ['ci', '--no-audit', '--no-fund', '--include=dev', '--loglevel=error'];
  const { code, output } = await runNpm(args);
  if (code !== 0) throw new Problem(explain(output));
  if (!isInstalled()) {
    throw new Problem(
      `npm ci ended well but node_modules does not hold what package-lock.json asks for. ` +
        `Remove node_modules and run the same command again.\n${output}`.trimEnd(),
    );
  }
  say(`installed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** npm says little about a folder that it may not write to, so look before. */
function requireWritable() {
  const folder = existsSync(inProject('node_modules')) ? inProject('node_modules') : ROOT;
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    accessSync(ROOT, constants.W_OK | constants.X_OK);
  } catch {
    throw new Problem(
      `Dependencies have to be installed, but there is no write access to ${folder}. It probably belongs to another ` +
        `user: give it back with "sudo chown -R $(id -un) '${ROOT}'", or work in a copy of your own.`,
    );
  }
}

/** @param {readonly string[]} args */
async function runNpm(args) {
  // Under npm this is npm's own script: the same npm, even where none is on PATH.
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  try {
    return await run(command, [...first, ...args], { cwd: ROOT });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') {
      throw new Problem('npm was not found. It comes with Node; on Debian and Ubuntu it is the package "npm".');
    }
    throw error;
  }
}

/**
 * @param {string} output what npm said
 * @returns {string}
 */
function explain(output) {
  // Of a wrong call npm prints all of its manual; what is wrong stands before that.
  const lines = output.trim().split('\n');
  const manual = lines.findIndex((line) => line.includes('Clean install a project'));
  const said = (manual < 0 ? lines : lines.slice(0, manual)).slice(0, 25).join('\n');
  if (/\bEUSAGE\b/.test(said)) {
    return `${said}\n\npackage.json and package-lock.json do not agree: "npm install" brings the lock file up to date.`;
  }
  if (
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/.test(said)
  ) {
    return (
      `${said}\n\nThe npm registry cannot be reached. Check the network; behind a proxy, "npm config set proxy ` +
      'http://host:port" and the same for https-proxy. Then run the same command again.'
    );
  }
  if (/\b(EACCES|EPERM)\b/.test(said)) {
    return (
      `${said}\n\nPermission denied. If node_modules belongs to another user, remove it ("sudo rm -rf node_modules"); ` +
      'if npm\'s cache does, "sudo chown -R $(id -un) ~/.npm". Then run the same command again.'
    );
  }
  if (/\bENOSPC\b/.test(said)) return `${said}\n\nThe disk is full. Free some space, then run the same command again.`;
  return `${said}\n\nnpm ci failed: see above.`;
}
