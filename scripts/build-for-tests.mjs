import { ensureBuilt } from './build.mjs';

/** Vitest's global setup of the end-to-end tests: they start the exporter from dist, so dist has to be fresh. */
export async function setup() {
  await ensureBuilt();
}
