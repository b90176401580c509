import { spawn } from 'node:child_process';

/** Children running now, so that a signal to this process does not leave them behind. */
const running = new Set();

/** @type {NodeJS.Signals | null} */
let interrupted = null;

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** @param {NodeJS.Signals} signal */
function forward(signal) {
  interrupted = signal;
  for (const child of running) child.kill(signal);
}

/** @param {import('node:child_process').ChildProcess} child */
function add(child) {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, forward);
  running.add(child);
}

/**
 * Handlers stay only while something runs: what goes on in this process afterwards has its own.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
function remove(child) {
  running.delete(child);
  if (running.size === 0) for (const signal of SIGNALS) process.removeListener(signal, forward);
}

/**
 * @typedef {object} Finished
 * @property {number} code 0 when it went well; 128 + n like a shell when a signal ended it
 * @property {string} output stdout and stderr as they came; empty when they were inherited
 * @property {boolean} timedOut
 */

/**
 * Runs a program to its end. Signals to this process are passed on, and end this process once the program is gone.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {boolean} [options.inherit] let it talk to the terminal instead of keeping what it says
 * @param {number} [options.timeoutMs]
 * @returns {Promise<Finished>}
 */
export function run(command, args, { cwd, env, inherit = false, timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
      stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    add(child);

    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }

    let timedOut = false;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            child.kill('SIGKILL');
          }, timeoutMs);

    child.once('error', (error) => {
      clearTimeout(timer);
      remove(child);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      remove(child);
      if (interrupted) process.exit(interrupted === 'SIGINT' ? 130 : 143);
      resolve({ code: code ?? 128 + (signal === 'SIGKILL' ? 9 : 15), output, timedOut });
    });
  });
}
