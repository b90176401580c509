import { parseArgs } from 'node:util';
import { startApp } from '../app.js';
import { ConfigError } from '../config/config-error.js';
import { formatListenAddress } from '../config/listen-address.js';
import { loadSettings } from '../config/load.js';
import { createLog } from '../telemetry/log.js';
import type { Output } from './output.js';

const USAGE = `usage: model-observation serve [--config FILE]

Takes call records and serves metrics until SIGTERM or SIGINT, then drains and exits 0.
`;

/**
 * `model-observation serve [--config FILE]`: runs until it is told to stop.
 * @returns the exit code: 0 = stopped in order, 1 = could not start, 2 = wrong usage
 */
export async function serve(args: string[], out: Output): Promise<number> {
  let configFile: string | undefined;
  try {
    const { values } = parseArgs({
      args,
      options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      out.stdout.write(USAGE);
      return 0;
    }
    configFile = values.config;
  } catch (error) {
    out.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const told = stopSignal();
  try {
    const { settings, configFile: used } = loadSettings({ configFile });
    const log = createLog(settings.logLevel);
    const app = await startApp(settings, log, {
      onLockLost: () => {
        log.fatal(
          'Another process has taken the data directory: this one ends at once, so that nothing is counted twice',
        );
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

/** What stands on the terminal when it does not start: the message alone where that says what to do. */
function explain(error: NodeJS.ErrnoException & { address?: string; port?: number }): string {
  if (error.code === 'EADDRINUSE') {
    return `Port ${error.port} on ${error.address} is taken by another process. Stop it, or set listen (MODEL_OBSERVATION_LISTEN) to another address.`;
  }
  if (error.code === 'EACCES' && error.syscall === 'listen') {
    return `This user may not listen on port ${error.port}. Set listen (MODEL_OBSERVATION_LISTEN) to a port above 1023.`;
  }
  if (error.code === 'EADDRNOTAVAIL') {
    return `${error.address} is no address of this machine. Set listen (MODEL_OBSERVATION_LISTEN) to one that is.`;
  }
  if (error instanceof ConfigError || /Error$/.test(error.name) === false || error.name !== 'Error')
    return error.message;
  return error.stack ?? error.message;
}
