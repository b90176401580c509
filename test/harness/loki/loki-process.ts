import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ConfigKeys } from '../exporter-process.js';
import { freePort } from '../free-port.js';
import { type Exit, ServerProcess } from '../server-process.js';
import { temporaryFolder } from '../temporary-folder.js';
import { lokiBinary } from './loki-binary.js';
import { laidOver, lokiConfig } from './loki-config.js';

export interface LokiOptions {
  /** Laid over `loki/loki.yml`. */
  config?: ConfigKeys;
  /** By tenant, what differs from `limits_config`. */
  tenants?: Readonly<Record<string, ConfigKeys>>;
}

/** A real Loki with the shipped configuration, on free ports and in a temporary folder. */
export class LokiProcess {
  readonly url: string;
  readonly #configFile: string;
  #server!: ServerProcess;

  private constructor(url: string, configFile: string) {
    this.url = url;
    this.#configFile = configFile;
  }

  /** Resolves when it is ready, which takes some seconds; throws with what it said when it never is. */
  static async start({ config = {}, tenants = {} }: LokiOptions = {}): Promise<LokiProcess> {
    const folder = await temporaryFolder('loki');
    const [port, grpcPort] = [await freePort(), await freePort()];
    const configFile = join(folder, 'loki.yml');
    const overridesFile = join(folder, 'overrides.yml');
    const data = join(folder, 'data');
    // Loki takes a moment only as a text in quotes.
    const quoted = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' } as const;
    await writeFile(overridesFile, stringify({ overrides: tenants }, quoted));
    const own = lokiConfig({
      server: { http_listen_port: port, grpc_listen_port: grpcPort },
      common: { path_prefix: data },
      storage_config: { object_store: { filesystem: { dir: `${data}/chunks` } } },
      compactor: { working_directory: `${data}/compactor` },
      // It would otherwise say that it is not ready for its first 15 s.
      ingester: { lifecycler: { min_ready_duration: '0s' } },
      runtime_config: { file: overridesFile },
    });
    await writeFile(configFile, stringify(laidOver(own, config)));
    const loki = new LokiProcess(`http://127.0.0.1:${port}`, configFile);
    await loki.startAgain();
    return loki;
  }

  get pid(): number {
    return this.#server.pid;
  }

  get exited(): Promise<Exit> {
    return this.#server.exited;
  }

  async startAgain(): Promise<void> {
    const command = lokiBinary();
    if (command === undefined) throw new Error('no loki on PATH, and LOKI_BINARY names none');
    const args = [`-config.file=${this.#configFile}`];
    this.#server = await ServerProcess.spawn({ name: 'loki', command, args });
    await this.#server.untilOk(`${this.url}/ready`, { timeoutMs: 60_000 });
  }

  stop(timeoutMs?: number): Promise<number> {
    return this.#server.stop(timeoutMs);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#server.kill(signal);
    if (signal === 'SIGKILL') await this.#server.exited;
  }
}
