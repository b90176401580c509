import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { type App, type Surroundings, startApp } from '../../../app.js';
import { loadSettings } from '../../../config/load.js';
import type { Settings } from '../../../config/settings.js';
import { PROBLEM_TYPE_PREFIX } from '../../../http/problems.js';

/** An answer of the service, its body parsed where it is JSON. */
export interface Answer {
  status: number;
  headers: Headers;
  /** The problem's name; null for an answer without one. */
  problem: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it at will, and fail where it is not as they think.
  json: any;
}

export interface TestAppOptions {
  /** As the user would write it; laid over a free port and a new data directory. */
  config?: Record<string, unknown>;
  dataDir?: string;
  surroundings?: Surroundings;
}

/** The whole service inside the test's process, with a data directory of its own on a free loopback port. */
export class TestApp {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Everything it has logged, at every level. */
  readonly log: string[];
  readonly #app: App;
  readonly #folder: string;
  #stopped: Promise<void> | null = null;

  private constructor(app: App, folder: string, dataDir: string, log: string[]) {
    this.#app = app;
    this.#folder = folder;
    this.dataDir = dataDir;
    this.log = log;
    this.port = app.port;
    this.url = `http://127.0.0.1:${app.port}`;
  }

  /** @throws what startApp and loadSettings throw */
  static async start(options: TestAppOptions = {}): Promise<TestApp> {
    const folder = mkdtempSync(join(tmpdir(), 'test-app-'));
    const dataDir = options.dataDir ?? join(folder, 'data');
    try {
      const log: string[] = [];
      const logger = pino({ level: 'debug', base: {} }, { write: (line: string) => log.push(line) });
      const app = await startApp(
        settingsOf(folder, { data_dir: dataDir, ...options.config }),
        logger,
        options.surroundings,
      );
      return new TestApp(app, folder, dataDir, log);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** `POST /v1/calls`; anything but text and bytes is sent as JSON. */
  async post(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const plain = typeof body === 'string' || body instanceof Uint8Array;
    return this.fetch('/v1/calls', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: plain ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body),
    });
  }

  ndjson(lines: string | Uint8Array | unknown[], headers: Record<string, string> = {}): Promise<Answer> {
    const body = Array.isArray(lines) ? lines.map((line) => `${JSON.stringify(line)}\n`).join('') : lines;
    return this.post(body, { 'content-type': 'application/x-ndjson', ...headers });
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.url + path, init);
    const text = await response.text();
    const isJson = text !== '' && (response.headers.get('content-type') ?? '').includes('json');
    const json = isJson ? JSON.parse(text) : undefined;
    const type: string = json?.type ?? '';
    const problem = type.startsWith(PROBLEM_TYPE_PREFIX) ? type.slice(PROBLEM_TYPE_PREFIX.length) : null;
    return { status: response.status, headers: response.headers, problem, json };
  }

  /** Everything that comes back for these bytes on one connection, until the other side ends it. */
  raw(...parts: (string | Buffer)[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1');
      let said = '';
      socket.setEncoding('latin1');
      socket.on('data', (text: string) => {
        said += text;
      });
      socket.on('error', reject);
      socket.on('end', () => {
        socket.end();
        resolve(said);
      });
      for (const part of parts) socket.write(part);
    });
  }

  async metrics(headers: Record<string, string> = {}): Promise<string> {
    const response = await fetch(`${this.url}/metrics`, { headers });
    return response.text();
  }

  /** Sum of the samples whose line has the name and all of these parts, such as `model="m"`. */
  async metric(name: string, ...parts: string[]): Promise<number> {
    let sum = 0;
    for (const line of (await this.metrics()).split('\n')) {
      if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue;
      if (parts.every((part) => line.includes(part))) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
    }
    return sum;
  }

  /** How many calls of a model were counted. */
  calls(model: string): Promise<number> {
    return this.metric('model_calls_total', `model="${model}"`);
  }

  /** Every byte in the data directory, keys left aside. */
  filesText(): string {
    let text = '';
    for (const name of readdirSync(this.dataDir, { recursive: true, encoding: 'utf8' })) {
      const file = join(this.dataDir, name);
      if (name !== 'keys.json' && statSync(file).isFile()) text += readFileSync(file, 'latin1');
    }
    return text;
  }

  /** Stops it; its data directory stays until {@link remove}. */
  stop(): Promise<void> {
    this.#stopped ??= this.#app.stop();
    return this.#stopped;
  }

  /** Stops it and removes what it has written, unless the directory came from elsewhere. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Settings as a configuration file in `folder` gives them. New series show their values at once. */
export function settingsOf(folder: string, config: Record<string, unknown>): Settings {
  const configFile = join(folder, 'model-observation.yml');
  writeFileSync(configFile, stringify({ listen: '127.0.0.1:0', metrics: { birth_hold: '0s' }, ...config }));
  return loadSettings({ configFile, env: {}, cwd: folder }).settings;
}
