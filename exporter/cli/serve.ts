import { startApp } from '../app.js';
import { ConfigError } from '../config/config-error.js';
import { formatListenAddress } from '../config/listen-address.js';
import { loadSettings } from '../config/load.js';
import { DataDirectoryError } from '../spool/data-directory.js';
import { DirectoryInUseError } from '../spool/lock.js';
import { NewerSegmentError } from '../spool/segment.js';
import { NewerSnapshotError } from '../spool/snapshots.js';
import { createLog } from '../telemetry/log.js';
import { readOptions } from './options.js';
import type { Output } from './output.js';

const USAGE = `usage: model-observation serve [--config FILE]

Takes call records and serves metrics until SIGTERM or SIGINT, then drains and exits 0.
`;

/**
 * `model-observation serve [--config FILE]`: runs until it is told to stop.
 * @returns the exit code: 0 = stopped in order, 1 = could not start, 2 = wrong usage
 */
export async function serve(args: string[], out: Output): Promise<number> {
  const options = readOptions(args, USAGE, out, { config: 'a file' });
  if (typeof options === 'number') return options;
  const told = stopSignal();
  try {
    const { settings, configFile: used } = loadSettings({ configFile: options.config });
    const log = createLog(settings.logLevel);
    const app = await startApp(settings, log, {
      onLockLost: (how) => {
        const what =
          how === 'taken'
            ? 'Another process has taken the data directory'
            : `The lock has gone from ${settings.dataDir} (was it moved, emptied or cleaned up?), and another process could start there`;
        log.fatal(`${what}: this one ends at once, so that nothing is counted twice`);
        process.exit(1);
      },
    });
    const address = `http://${formatListenAddress({ host: settings.listen.host || '127.0.0.1', port: app.port })}`;
    log.info({ address, dataDir: settings.dataDir, configFile: used }, 'Ready');
    out.stdout.write(`Model Observation is ready: ${address}   (data in ${settings.dataDir}; Ctrl-C stops it)\n`);
    const signal = await told;
    log.info({ signal }, 'Stopping: answering what was accepted');
    await app.stop();
    log.info('Stopped');
    return 0;
  } catch (error) {
    out.stderr.write(`${explain(error as NodeJS.ErrnoException)}\n`);
    return 1;
  }
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, resolve);
  });
}

/** Errors whose message says what is wrong and what to do. */
const SAID_WELL = [ConfigError, DirectoryInUseError, DataDirectoryError, NewerSegmentError, NewerSnapshotError];

/**
 * What stands on the terminal when it does not start: the message alone where that says what to do, the
 * stack where it is a surprise.
 */
export function explain(error: NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string }): string {
  if (SAID_WELL.some((known) => error instanceof known)) return error.message;
  const listen = 'Set listen (MODEL_OBSERVATION_LISTEN) to';
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${error.port} on ${error.address} is taken by another process. Stop it, or set listen (MODEL_OBSERVATION_LISTEN) to another address.`;
    case 'EADDRNOTAVAIL':
      return `${error.address} is no address of this machine. ${listen} one that is.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name ${error.hostname} has no address. ${listen} a name that has one, or an IP address.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk of the data directory is full (${error.message}). Free some space, or set data_dir (MODEL_OBSERVATION_DATA_DIR) to another disk.`;
  }
  if (error.code === 'EACCES' && error.syscall === 'listen') {
    return `This user may not listen on port ${error.port}. ${listen} a port above 1023.`;
  }
  return error.stack ?? error.message;
}
