import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from './free-port.js';
import { PROJECT_ROOT } from './project-root.js';
import { ServerProcess } from './server-process.js';
import { temporaryFolder } from './temporary-folder.js';

const { adminPassword, findGrafana, grafanaCommand, GRAFANA_SETTINGS } = (await import(
  pathToFileURL(join(PROJECT_ROOT, 'scripts/grafana.mjs')).href
)) as typeof import('../../scripts/grafana.mjs');

export { GRAFANA_SETTINGS };

const START = { timeoutMs: 60_000 };

/** For `describe.runIf(hasGrafana())('real Grafana', …)`: cases under that title are reported as not run when it is not there. */
export function hasGrafana(): boolean {
  return findGrafana() !== undefined;
}

/** A real Grafana as `npm run stack` starts it, on a free port and with data of its own. */
export class GrafanaProcess {
  readonly url: string;
  readonly data: string;
  readonly #port: number;
  readonly #password: string;
  #server!: ServerProcess;

  private constructor(port: number, data: string, password: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.data = data;
    this.#port = port;
    this.#password = password;
  }

  /** @param env laid over the environment of the tests */
  static async start(
    urls: { prometheus: string; loki: string; alertmanager: string },
    env: NodeJS.ProcessEnv = {},
  ): Promise<GrafanaProcess> {
    const data = await temporaryFolder('grafana');
    await mkdir(join(data, 'plugins'));
    const { password } = adminPassword(data, {});
    const grafana = new GrafanaProcess(await freePort(), data, password);
    await grafana.#spawn(urls, env);
    return grafana;
  }

  /** What it said, as far as it is written in its log. */
  get log(): string {
    return `${this.#server.stdout}${this.#server.stderr}`;
  }

  /** The answer to a GET of its API, as `admin` unless another `authorization` is given; null = none. */
  async get(path: string, authorization: string | null = this.basic('admin', this.#password)): Promise<Response> {
    const headers = authorization === null ? {} : { authorization };
    return fetch(`${this.url}${path}`, { headers, redirect: 'manual', signal: AbortSignal.timeout(20_000) });
  }

  async json<T>(path: string): Promise<T> {
    const response = await this.get(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  basic(user: string, password: string): string {
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  stop(): Promise<number> {
    return this.#server.stop();
  }

  async #spawn(
    urls: { prometheus: string; loki: string; alertmanager: string },
    env: NodeJS.ProcessEnv,
  ): Promise<void> {
    const program = findGrafana();
    if (program === undefined) throw new Error('no grafana on PATH, and GRAFANA_BINARY names none');
    const options = { data: this.data, host: '127.0.0.1', port: this.#port, password: this.#password, urls };
    this.#server = await ServerProcess.spawn({
      name: 'grafana',
      ...grafanaCommand(program, options, { ...process.env, ...env }),
    });
    await this.#server.untilOk(`${this.url}/api/health`, START);
  }
}
