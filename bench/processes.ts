import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The core of what is measured, and the core of what asks it. */
export const SERVER_CORE = 0;
export const LOAD_CORE = Math.min(1, cpus().length - 1);

const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** What `npm start`, the stack, the image and the service of the operations guide start it with. */
const EXPORTER_FLAGS = ['--concurrent-marking-max-worker-num=1'];

/** Whether processes stand on a core each; without that, figures of one core are none. */
export const pinned = canPin && cpus().length > 1;

/** The path of a built script beside this one. */
export function benchScript(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Starts a Node program on one core. */
export function startOn(
  core: number,
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
  flags: readonly string[] = [],
): ChildProcess {
  const command = [...flags, script, ...args];
  const options = {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'] as ['ignore', 'pipe', 'inherit'],
  };
  return canPin
    ? spawn('taskset', ['-c', String(core), process.execPath, ...command], options)
    : spawn(process.execPath, command, options);
}

/** Runs a Node program on one core and gives back the JSON that it prints. */
export async function runOn<Result>(
  core: number,
  script: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Result> {
  const child = startOn(core, script, args, {}, flags);
  let printed = '';
  child.stdout!.on('data', (data) => {
    printed += data;
  });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return JSON.parse(printed) as Result;
}

/** An exporter on a core and a port of its own, with an empty data directory. */
export interface BenchExporter {
  url: string;
  pid: number;
  stop(): Promise<void>;
  /** Ends it at once, and leaves its data where they are. */
  kill(): Promise<void>;
}

export async function startExporter(
  core: number,
  options: { dataDir?: string; env?: Record<string, string>; flags?: readonly string[] } = {},
): Promise<BenchExporter> {
  const port = await freePort();
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'model-observation-bench-'));
  const env = {
    MODEL_OBSERVATION_LISTEN: `127.0.0.1:${port}`,
    MODEL_OBSERVATION_DATA_DIR: dataDir,
    MODEL_OBSERVATION_LOG_LEVEL: 'warn',
    ...options.env,
  };
  const flags = [...EXPORTER_FLAGS, ...(options.flags ?? [])];
  const child = startOn(core, benchScript('../exporter/main.js'), ['serve'], env, flags);
  let ended: number | null = null;
  child.once('exit', (code) => {
    ended = code ?? -1;
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (ended !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/-/ready`, () => {
    if (ended !== null) throw new Error(`the exporter ended with ${ended}`);
  });
  return {
    url,
    pid: child.pid!,
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Waits until something answers there, whatever it says. */
export async function untilAnswers(url: string, check: () => void = () => {}): Promise<void> {
  for (;;) {
    check();
    const answered = await fetch(url).then(
      (response) => response.text().then(() => true),
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A folder that goes away with the benchmark. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'model-observation-bench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
