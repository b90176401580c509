import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Loaded into a process before its program: measures how long its event loop is blocked. SIGUSR2 begins
 * anew; at the end of the process the longest block, ms, stands in the file that BENCH_BLOCK_FILE names.
 */
const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
process.on('SIGUSR2', () => delay.reset());
process.on('exit', () => {
  // Each sample is the time between two timers, so an idle loop shows the resolution itself.
  writeFileSync(process.env.BENCH_BLOCK_FILE ?? '', String(delay.max / 1e6 - RESOLUTION_MS));
});
