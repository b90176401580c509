import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from './free-port.js';
import { PROJECT_ROOT } from './project-root.js';
import { programPath } from './prometheus-binaries.js';
import type { Labels } from './prometheus-process.js';
import { ServerProcess } from './server-process.js';
import { temporaryFolder } from './temporary-folder.js';

const { alertmanagerCommand } = (await import(
  pathToFileURL(join(PROJECT_ROOT, 'scripts/alertmanager.mjs')).href
)) as typeof import('../../scripts/alertmanager.mjs');

export interface AlertmanagerOptions {
  /** The text of alertmanager.yml. */
  config: string;
  /** Further files beside it, by relative name. */
  files?: Readonly<Record<string, string>>;
  flags?: readonly string[];
}

/** An alert as Prometheus sends it. */
export interface PostableAlert {
  labels: Labels;
  annotations?: Labels;
  startsAt?: Date;
  /** In the past: it has ended. Without it, Alertmanager takes it for ended 5 minutes after it was last sent. */
  endsAt?: Date;
  generatorURL?: string;
}

/** An alert as Alertmanager shows it. */
export interface KnownAlert {
  labels: Labels;
  annotations: Labels;
  startsAt: string;
  endsAt: string;
  fingerprint: string;
  receivers: { name: string }[];
  status: { state: 'unprocessed' | 'active' | 'suppressed'; inhibitedBy: string[]; silencedBy: string[] };
}

/** As many as Prometheus 2 sends in one request. */
const BATCH = 64;

/** A real Alertmanager on a free loopback port, alone, with its storage in a temporary folder. */
export class AlertmanagerProcess {
  readonly url: string;
  /** Where alertmanager.yml and the files beside it are. */
  readonly folder: string;
  readonly #server: ServerProcess;

  private constructor(server: ServerProcess, url: string, folder: string) {
    this.#server = server;
    this.url = url;
    this.folder = folder;
  }

  /** Resolves when `/-/ready` answers 200. */
  static async start({ config, files = {}, flags = [] }: AlertmanagerOptions): Promise<AlertmanagerProcess> {
    const folder = await temporaryFolder('alertmanager');
    for (const [name, text] of Object.entries({ ...files, 'alertmanager.yml': config })) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const port = await freePort();
    const { command, cwd = folder } = alertmanagerCommand(programPath('alertmanager'));
    const server = await ServerProcess.spawn({
      name: 'alertmanager',
      command,
      args: [
        `--config.file=${join(folder, 'alertmanager.yml')}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        // No cluster: it would listen on every address.
        '--cluster.listen-address=',
        ...flags,
      ],
      cwd,
    });
    const url = `http://127.0.0.1:${port}`;
    await server.untilOk(`${url}/-/ready`, { timeoutMs: 30_000 });
    return new AlertmanagerProcess(server, url, folder);
  }

  get pid(): number {
    return this.#server.pid;
  }

  get stderr(): string {
    return this.#server.stderr;
  }

  /** Sends alerts in batches, one after another, as Prometheus does. */
  async post(alerts: readonly PostableAlert[]): Promise<void> {
    for (let first = 0; first < alerts.length; first += BATCH) {
      const response = await fetch(`${this.url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts.slice(first, first + BATCH)),
      });
      const answer = await response.text();
      if (!response.ok) throw new Error(`Alertmanager answered ${response.status}: ${answer}`);
    }
  }

  /** Alerts that have not ended, those that others mute too. */
  async alerts(): Promise<KnownAlert[]> {
    const response = await fetch(`${this.url}/api/v2/alerts`);
    if (!response.ok) throw new Error(`Alertmanager answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as KnownAlert[];
  }

  async kill(): Promise<void> {
    this.#server.kill('SIGKILL');
    await this.#server.exited;
  }

  /** SIGTERM, waits, returns the exit code. */
  stop(): Promise<number> {
    return this.#server.stop();
  }
}
