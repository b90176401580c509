import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { explainWriteError } from './project.mjs';

const HEARTBEAT_MS = 2_000;
/** A holder whose process cannot be looked up (another container) is gone after this much silence. */
const SILENT_MS = 30_000;
const POLL_MS = 100;

/**
 * Runs `work` while no other process holds the lock file; waits for the other one first. A lock left by a killed
 * process is taken over.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {() => void} [onWait] called once, when there is somebody to wait for
 * @returns {Promise<T>}
 */
export async function withLock(path, work, onWait) {
  const owner = `${hostname()} ${process.pid}`;
  let waited = false;
  while (!create(path, owner)) {
    if (isAbandoned(path)) {
      takeAway(path);
      continue;
    }
    if (!waited) onWait?.();
    waited = true;
    await sleep(POLL_MS);
  }

  const release = () => rmSync(path, { force: true });
  const beat = setInterval(() => touch(path), HEARTBEAT_MS);
  beat.unref();
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.removeListener('exit', release);
    release();
  }
}

/**
 * @param {string} path
 * @param {string} owner
 */
function create(path, owner) {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw explainWriteError(error, path);
  }
}

/** @param {string} path */
function isAbandoned(path) {
  try {
    const [host, pid] = readFileSync(path, 'utf8').split(' ');
    if (host === hostname() && pid !== undefined && !isAlive(Number(pid))) return true;
    return Date.now() - statSync(path).mtimeMs > SILENT_MS;
  } catch {
    return false; // released between the two looks
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Of several processes that see the same abandoned lock only one may remove it, and only after a second look: a slower
 * one would otherwise remove the lock that the faster one has just taken.
 *
 * @param {string} path
 */
function takeAway(path) {
  const takeover = `${path}.takeover`;
  if (!create(takeover, String(process.pid))) {
    try {
      if (Date.now() - statSync(takeover).mtimeMs > SILENT_MS) rmSync(takeover, { force: true });
    } catch {
      // gone already
    }
    return;
  }
  try {
    if (isAbandoned(path)) rmSync(path, { force: true });
  } finally {
    rmSync(takeover, { force: true });
  }
}

/** @param {string} path */
function touch(path) {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // removed by hand: the work goes on
  }
}
