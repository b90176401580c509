import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROJECT_ROOT } from '../project-root.js';

const { findLoki } = (await import(
  pathToFileURL(join(PROJECT_ROOT, 'scripts/loki.mjs')).href
)) as typeof import('../../../scripts/loki.mjs');

/**
 * Loki's program, for `describe.runIf(lokiBinary() !== undefined)('real Loki', …)`: cases under that title are reported
 * as not run when it is not there.
 */
export function lokiBinary(): string | undefined {
  return findLoki();
}
