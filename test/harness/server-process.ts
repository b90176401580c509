import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { GivenUp, type UntilOptions, until } from './condition.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface SpawnOptions {
  /** What it is called in errors. */
  name: string;
  command: string;
  args: readonly string[];
  cwd?: string;
  /** Laid over the environment of the tests; undefined takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  uid?: number;
  gid?: number;
}

/** Every server that these tests started and that has not ended, oldest first. */
export const runningServers = new Set<ServerProcess>();

// The last net, for a test process that ends in the middle: by pid, and only what was started here.
process.on('exit', () => {
  for (const server of runningServers) server.kill('SIGKILL');
});

/** A server as a real child process: what it says is kept, and it can be killed in every way. */
export class ServerProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process has ended and all its output is in; never rejects. */
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';
  exit: Exit | null = null;
  readonly #child: ChildProcess;

  private constructor(name: string, child: ChildProcess, pid: number) {
    this.name = name;
    this.pid = pid;
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.exit = { code, signal };
        runningServers.delete(this);
        resolve(this.exit);
      });
    });
    runningServers.add(this);
  }

  /** Resolves once the process exists; says nothing about it being ready. */
  static async spawn({ name, command, args, cwd, env, uid, gid }: SpawnOptions): Promise<ServerProcess> {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    const spawned = once(child, 'spawn');
    // Made before the wait, so that a process that ends at once is seen ending.
    const server = child.pid === undefined ? null : new ServerProcess(name, child, child.pid);
    await spawned;
    if (server === null) throw new Error(`${name} could not be started`);
    return server;
  }

  /** Polls `url` until it answers 200; throws at once, with what the process said, when it ends instead. */
  async untilOk(url: string, options: UntilOptions = { timeoutMs: 20_000 }): Promise<void> {
    try {
      await until(
        `${this.name} to answer 200 at ${url}`,
        async () => {
          if (this.exit) throw new GivenUp(`${this.name} ended with ${showExit(this.exit)} instead of getting ready`);
          const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
          const body = await response.text();
          if (!response.ok) throw new Error(`${response.status} ${body.slice(0, 500)}`);
          return true;
        },
        options,
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${message}\n${this.lastWords()}`, { cause: error });
    }
  }

  /** The end of what the process said, for error messages. */
  lastWords(): string {
    const said = `${this.stdout}${this.stderr}`.trimEnd().split('\n').slice(-40).join('\n');
    return `--- ${this.name} (pid ${this.pid}) said:\n${said || '(nothing)'}`;
  }

  /** Sends a signal, if the process is still there. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /**
   * SIGTERM, then waits for the end.
   *
   * @returns the exit code
   * @throws when it has not ended after `timeoutMs` (it is killed then), or was ended by a signal
   */
  async stop(timeoutMs = 20_000): Promise<number> {
    this.kill('SIGTERM');
    const timer = new AbortController();
    const late = sleep(timeoutMs, null, { signal: timer.signal }).catch(() => null);
    const exit = await Promise.race([this.exited, late]);
    timer.abort();
    if (exit === null) {
      this.kill('SIGKILL');
      await this.exited;
      throw new Error(`${this.name} was still there ${timeoutMs / 1000} s after SIGTERM\n${this.lastWords()}`);
    }
    if (exit.code === null) throw new Error(`${this.name} ended with ${showExit(exit)}\n${this.lastWords()}`);
    return exit.code;
  }
}

function showExit({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code}` : signal;
}
