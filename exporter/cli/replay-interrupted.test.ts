import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExporterDouble } from '../replay/testdata/exporter-double.js';
import { SkippingClock } from '../replay/testdata/skipping-clock.js';
import { replay, type Surroundings } from './replay.js';

let double: ExporterDouble;

beforeEach(async () => {
  double = await ExporterDouble.start();
});
afterEach(() => double.stop());

/** Two records, and an input that stays open. */
function twoRecords(): Readable {
  const stdin = new Readable({ read() {} });
  stdin.push('{"id":"0","model":"m"}\n{"id":"1","model":"m"}\n');
  return stdin;
}

async function run(around: Partial<Surroundings>) {
  const written = { stdout: '', stderr: '' };
  const out = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
  };
  const args = ['-', '--url', double.url, '--batch', '1', '--concurrency', '1'];
  const code = await replay(args, out, { clock: new SkippingClock(), env: {}, stdin: twoRecords(), ...around });
  return { code, ...written };
}

class Signals extends EventEmitter {
  exited: number | null = null;
  exit(code?: number): never {
    this.exited = code ?? 0;
    return undefined as never;
  }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s: the request in flight is waited for, the summary so far, exit code %i', async (signal, code) => {
  const signals = new Signals() as unknown as Surroundings['signals'] & Signals;
  double.script.push('slow');
  const running = run({ signals });
  while (double.bodies.length === 0) await new Promise(setImmediate);
  signals.emit(signal, signal);
  expect(await running).toEqual({
    code,
    stdout:
      'stdin: 2 records in 0.0 s (0/s)\n' +
      '  accepted     1\n' +
      '  duplicates   0\n' +
      '  late         0\n' +
      '  rejected     0\n' +
      '  unconfirmed  1  not sent, or sent and not answered: line 2\n' +
      '  retries      0\n' +
      'Run the same command again for the rest: what was taken is not counted twice.\n',
    stderr: 'Waiting for the requests in flight; once more ends at once.\n',
  });
  expect(signals.listenerCount(signal)).toBe(0);
});

test('a second signal ends at once', async () => {
  const signals = new Signals() as unknown as Surroundings['signals'] & Signals;
  double.script.push('silent');
  const running = run({ signals, silenceMs: 50 });
  while (double.bodies.length === 0) await new Promise(setImmediate);
  signals.emit('SIGINT', 'SIGINT');
  signals.emit('SIGINT', 'SIGINT');
  expect(signals.exited).toBe(130);
  await running;
});
