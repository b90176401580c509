import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { UntilOptions } from './condition.js';
import { freePort } from './free-port.js';
import { PROJECT_ROOT } from './project-root.js';
import { type Exit, ServerProcess } from './server-process.js';
import { temporaryFolder } from './temporary-folder.js';

/** A YAML mapping as the user would write it, by its snake_case keys. */
export interface ConfigKeys {
  [key: string]: ConfigValue;
}
export type ConfigValue = string | number | boolean | null | ConfigValue[] | ConfigKeys;

export interface ExporterOptions {
  /** Laid over the harness's own `listen` and `data_dir`. */
  config?: ConfigKeys;
  /** undefined takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Runs it as another user; needs root. */
  uid?: number;
  gid?: number;
  /** For node, before the script, e.g. `--max-old-space-size=64`. */
  nodeFlags?: readonly string[];
  /** Default: a new temporary folder. */
  dataDir?: string;
  /** Default: a free one. */
  port?: number;
  /** How long it may take until it is ready. */
  ready?: UntilOptions;
}

/** The built exporter as a real process on a free port, with a data directory that outlives it. */
export class ExporterProcess {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly configFile: string;
  readonly #options: ExporterOptions;
  #server!: ServerProcess;

  private constructor(options: ExporterOptions, port: number, dataDir: string, configFile: string) {
    this.#options = options;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.dataDir = dataDir;
    this.configFile = configFile;
  }

  /** Resolves when `GET /-/ready` answers 200; throws with what the exporter said when it never does. */
  static async start(options: ExporterOptions = {}): Promise<ExporterProcess> {
    const port = options.port ?? (await freePort());
    const { uid, gid } = options;
    const folder = await temporaryFolder('exporter', uid, gid);
    const dataDir = options.dataDir ?? join(folder, 'data');
    const exporter = new ExporterProcess(options, port, dataDir, join(folder, 'model-observation.yml'));
    await exporter.writeConfig(options.config ?? {});
    await exporter.startAgain();
    return exporter;
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** Everything it has written since its last start. */
  get stdout(): string {
    return this.#server.stdout;
  }

  get stderr(): string {
    return this.#server.stderr;
  }

  /** Resolves when the process that runs now has ended. */
  get exited(): Promise<Exit> {
    return this.#server.exited;
  }

  /** Replaces the configuration file; read at the next start. */
  async writeConfig(config: ConfigKeys): Promise<void> {
    const keys: ConfigKeys = { listen: `127.0.0.1:${this.port}`, data_dir: this.dataDir, ...config };
    await writeFile(this.configFile, stringify(keys));
    if (this.#options.uid !== undefined)
      await chown(this.configFile, this.#options.uid, this.#options.gid ?? this.#options.uid);
  }

  /** Sends a signal and, when it is SIGKILL, waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#server.kill(signal);
    if (signal === 'SIGKILL') await this.#server.exited;
  }

  /** SIGTERM, waits, returns the exit code; throws when it does not end in time. */
  async stop(timeoutMs?: number): Promise<number> {
    return this.#server.stop(timeoutMs);
  }

  /** Stops it if it runs, then starts it with the same data directory, port and configuration file. */
  async restart(): Promise<void> {
    if (this.#server.exit === null) await this.stop();
    await this.startAgain();
  }

  /** Starts it after it has ended, with the same data directory, port and configuration file. */
  async startAgain(): Promise<void> {
    const { env, uid, gid, nodeFlags = [], ready } = this.#options;
    this.#server = await ServerProcess.spawn({
      name: 'exporter',
      command: process.execPath,
      args: [...nodeFlags, join(PROJECT_ROOT, 'dist/exporter/main.js'), 'serve', '--config', this.configFile],
      cwd: PROJECT_ROOT,
      // The developer's own settings must not reach into a test.
      env: { ...withoutSettings(process.env), ...env },
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    await this.#server.untilOk(`${this.url}/-/ready`, ready);
  }

  /** A request to the exporter, e.g. `fetch('/metrics')`. */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(new URL(path, this.url), init);
  }
}

/** Takes every variable of the exporter's away. */
function withoutSettings(env: NodeJS.ProcessEnv): Record<string, undefined> {
  const names = Object.keys(env).filter((name) => name.startsWith('MODEL_OBSERVATION_'));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
