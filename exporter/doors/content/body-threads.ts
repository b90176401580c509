import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { HttpProblem, type ProblemName } from '../../http/problems.js';
import type { BodyJob, ContentSettings, ThreadMessage, ThreadRecord } from './thread-messages.js';

/** A thread died, stood still or could not be started. Its records are to be taken in without it. */
export class ThreadFailure extends Error {
  override name = 'ThreadFailure';
}

export interface BodyThreadsOptions {
  settings: ContentSettings;
  /** Most threads at once; by default one for each further core, two at most. */
  threads?: number;
  /** A body that takes longer is given up, and its thread with it, ms. */
  timeoutMs?: number;
  /** The program of a thread. */
  script?: URL;
}

const MOST_THREADS = 2;
const TIMEOUT_MS = 30_000;

/** Threads that parse large bodies and redact their content. Started when they are needed, replaced when they die. */
export class BodyThreads {
  readonly #options: Required<BodyThreadsOptions>;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  /** Those that wait for a thread; each is told that there is one, or that there will be none. */
  readonly #waiting: (() => void)[] = [];
  #borrowed = 0;
  #isClosed = false;

  constructor(options: BodyThreadsOptions) {
    const threads = Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1));
    this.#options = { threads, timeoutMs: TIMEOUT_MS, script: threadScript(), ...options };
  }

  /**
   * Has a body read: its records in their order, some at a time.
   * @throws HttpProblem when the body as a whole cannot be taken; ThreadFailure
   */
  async *read(job: BodyJob): AsyncGenerator<readonly ThreadRecord[]> {
    const worker = await this.#borrow();
    let done = false;
    try {
      const problem = yield* this.#work(worker, job);
      done = true;
      if (problem !== null) throw problem;
    } finally {
      await this.#giveBack(worker, done);
    }
  }

  /** Ends every thread. Whoever still waits for one gets a ThreadFailure. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  async *#work(worker: Worker, job: BodyJob): AsyncGenerator<readonly ThreadRecord[], HttpProblem | null> {
    const { timeoutMs } = this.#options;
    const heard: (ThreadMessage | ThreadFailure)[] = [];
    let wake = (): void => {};
    const hear = (message: ThreadMessage | ThreadFailure): void => {
      heard.push(message);
      wake();
    };
    // Nothing of the error but its code: content may stand in its message.
    const onError = (error: NodeJS.ErrnoException): void =>
      hear(new ThreadFailure(`a thread that reads bodies died: ${error.code ?? error.name}`));
    const onExit = (): void => hear(new ThreadFailure('a thread that reads bodies ended'));
    const timer = setTimeout(
      () => hear(new ThreadFailure(`a thread took more than ${timeoutMs} ms for a body`)),
      timeoutMs,
    );
    worker.on('message', hear).on('error', onError).on('exit', onExit);
    try {
      worker.postMessage(job);
      for (;;) {
        const message = heard.shift();
        if (message === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else if (message instanceof ThreadFailure) throw message;
        else if (message.kind === 'records') yield message.records;
        else if (message.problem === null) return null;
        else return new HttpProblem(message.problem.name as ProblemName, message.problem.detail);
      }
    } finally {
      clearTimeout(timer);
      worker.off('message', hear).off('error', onError).off('exit', onExit);
    }
  }

  async #borrow(): Promise<Worker> {
    while (!this.#isClosed && this.#borrowed >= this.#options.threads) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#isClosed) throw new ThreadFailure('the threads that read bodies are closed');
    this.#borrowed += 1;
    const worker = this.#idle.pop() ?? this.#start();
    worker.ref();
    return worker;
  }

  async #giveBack(worker: Worker, isGood: boolean): Promise<void> {
    this.#borrowed -= 1;
    if (isGood && this.#all.has(worker)) {
      worker.unref();
      this.#idle.push(worker);
    } else await worker.terminate();
    this.#waiting.shift()?.();
  }

  #start(): Worker {
    const worker = new Worker(this.#options.script, { workerData: this.#options.settings });
    this.#all.add(worker);
    // Without a listener an error would end the process; what ends is the thread.
    worker.on('error', () => {});
    worker.on('exit', () => {
      this.#all.delete(worker);
      const index = this.#idle.indexOf(worker);
      if (index !== -1) this.#idle.splice(index, 1);
    });
    return worker;
  }
}

/** The built program. Node cannot start a thread from TypeScript, which is where unit tests load this file from. */
function threadScript(): URL {
  if (!import.meta.url.endsWith('.ts')) return new URL('./body-thread.js', import.meta.url);
  return pathToFileURL(join(import.meta.dirname, '../../../dist/exporter/doors/content/body-thread.js'));
}
