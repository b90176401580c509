// How the exporter stops: what it has acknowledged is kept, whatever it was doing, and nobody holds it up.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CallRecords, RECENTLY_MS, type TrueCall } from './call-records.js';
import { until } from './harness/condition.js';
import { type ConfigKeys, ExporterProcess } from './harness/exporter-process.js';
import { NaiveCounters } from './naive-counters.js';
import { priceFile } from './price-file.js';
import { RawConnection } from './raw-connection.js';
import { requestFor, sendInBatches } from './sending.js';
import { callSeries, differences, parseExposition } from './series.js';

/** After so long whatever is still going on is cut off. */
const DRAIN_MS = 20_000;
/** What a busy machine may add to that. */
const GRACE_MS = 8_000;

let config: ConfigKeys;

beforeAll(async () => {
  config = { pricing_file: await priceFile(), metrics: { birth_hold: '0s' }, spool: { snapshot_interval: '1h' } };
});

describe('an exporter that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'under load, by %s: keeps every record it answered 202 for',
    async (signal) => {
      const exporter = await ExporterProcess.start({ config });
      const clients = Array.from({ length: 6 }, (_, index) => new Client(exporter, index));
      const running = clients.map((client) => client.run());
      await until('load', () => clients.every(({ taken }) => taken.length > 0), { timeoutMs: 20_000, intervalMs: 5 });

      const began = performance.now();
      await exporter.kill(signal);
      expect(await exporter.exited).toEqual({ code: 0, signal: null });
      expect(performance.now() - began).toBeLessThan(DRAIN_MS);
      expect(exporter.stderr).toContain(`"signal":"${signal}"`);
      expect(exporter.stderr).toContain('"msg":"Stopped"');
      await Promise.all(running);

      // Neither an error nor silence: taken, told to try again, or not connected any more.
      expect(clients.flatMap(({ otherAnswers }) => otherAnswers)).toEqual([]);
      const taken = clients.flatMap((client) => client.taken);
      const unsure = clients.flatMap((client) => client.unsure);
      await exporter.startAgain();
      expect(await sendInBatches(exporter.url, taken, 500)).toMatchObject({ accepted: 0, duplicates: taken.length });
      await sendInBatches(exporter.url, unsure, 500);
      await expectExactly(exporter, [...taken, ...unsure]);
    },
  );

  it('answers those who are still sending, says that it is stopping, and leaves the slowest behind', async () => {
    const exporter = await ExporterProcess.start({ config });
    const [slow, held, never] = recordsOf('slow').take(3) as [TrueCall, TrueCall, TrueCall];
    const { port } = exporter;
    const sending = await RawConnection.open(port);
    const asking = await RawConnection.open(port);
    const stuck = await RawConnection.open(port);
    const idle = await RawConnection.open(port);
    const rest = sendPart(sending, slow);
    asking.say('GET /-/ready HTTP/1.1\r\nHost: exporter\r\n');
    sendPart(stuck, never);
    idle.say('GET /-/healthy HTTP/1.1\r\nHost: exporter\r\n\r\n');
    await until('the idle connection to be answered', () => idle.received.includes('alive'));
    await sendInBatches(exporter.url, [held], 1);

    const began = performance.now();
    await exporter.kill('SIGTERM');
    await until('it to be stopping', () => exporter.stderr.includes('"msg":"Stopping'));
    await idle.closed;
    // A second signal changes nothing; a third kind neither.
    await exporter.kill('SIGTERM');
    await exporter.kill('SIGINT');
    await expect(RawConnection.open(port)).rejects.toThrow('ECONNREFUSED');

    asking.say('\r\n');
    await asking.closed;
    expect(asking.received).toMatch(/^HTTP\/1\.1 503 /);
    expect(asking.received).toContain('{"status":"not ready","reason":"The exporter is stopping."}');
    sending.say(rest);
    await sending.closed;
    expect(sending.received).toMatch(/^HTTP\/1\.1 202 /);
    expect(sending.received).toMatch(/\r\nconnection: close\r\n/i);

    // The one that never ends its request is cut off.
    expect(await exporter.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(DRAIN_MS + GRACE_MS);
    await stuck.closed;
    expect(stuck.received).not.toMatch(/^HTTP\/1\.1 202/);
    await exporter.startAgain();
    await expectExactly(exporter, [held, slow]);
  });

  it('while it recovers: ends in order, and the next start has everything', async () => {
    const exporter = await ExporterProcess.start({ config });
    const calls = recordsOf('recovery').take(20_000);
    await sendInBatches(exporter.url, calls, 4000);
    await exporter.kill();

    // The lock is the first thing it makes: once it is there, recovery is under way.
    const lock = join(exporter.dataDir, 'lock.sock');
    await rm(lock);
    const killed = exporter.pid;
    const starting = exporter.startAgain().catch(() => {});
    await until('the lock', () => exporter.pid !== killed && existsSync(lock), { timeoutMs: 20_000, intervalMs: 1 });
    await exporter.kill('SIGTERM');
    expect(await exporter.exited).toEqual({ code: 0, signal: null });
    await starting;

    await exporter.startAgain();
    await expectExactly(exporter, calls);
  });

  it('twice at once, and with nothing to do: ends with 0 in a moment', async () => {
    const exporter = await ExporterProcess.start({ config });
    const began = performance.now();
    await exporter.kill('SIGTERM');
    await exporter.kill('SIGTERM');
    expect(await exporter.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(GRACE_MS);
    expect(existsSync(join(exporter.dataDir, 'lock.sock'))).toBe(false);
  });
});

/** Sends the first half of a request; returns the other half. */
function sendPart(connection: RawConnection, call: TrueCall): string {
  const body = JSON.stringify(call.record);
  connection.say(
    `POST /v1/calls HTTP/1.1\r\nHost: exporter\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  const half = Math.floor(body.length / 2);
  connection.say(body.slice(0, half));
  return body.slice(half);
}

const BATCH = 40;

/** Sends one batch after the other, each once, until nobody is there any more. */
class Client {
  readonly taken: TrueCall[] = [];
  /** Sent, and the connection was lost before an answer came, or 503 came. */
  readonly unsure: TrueCall[] = [];
  readonly otherAnswers: string[] = [];
  readonly #records: CallRecords;

  constructor(
    private readonly exporter: ExporterProcess,
    index: number,
  ) {
    this.#records = new CallRecords({ seed: 100 + index, prefix: `client-${index}`, start: Date.now() - RECENTLY_MS });
  }

  async run(): Promise<void> {
    for (;;) {
      const calls = this.#records.take(BATCH);
      try {
        const response = await this.exporter.fetch('/v1/calls', requestFor(calls));
        const text = await response.text();
        if (response.status === 202) this.taken.push(...calls);
        else this.unsure.push(...calls);
        if (response.status !== 202 && response.status !== 503) this.otherAnswers.push(`${response.status} ${text}`);
      } catch (error) {
        this.unsure.push(...calls);
        const { code } = (error as Error).cause as NodeJS.ErrnoException;
        if (code === 'ECONNREFUSED') return;
        if (code !== 'ECONNRESET' && code !== 'UND_ERR_SOCKET') this.otherAnswers.push(String(code));
      }
    }
  }
}

function recordsOf(prefix: string): CallRecords {
  // Plain names, so that a character is a byte on a raw connection.
  return new CallRecords({
    seed: 20_260_801,
    prefix,
    start: Date.now() - RECENTLY_MS,
    models: ['qwen-plus', 'qwen-max'],
  });
}

async function expectExactly(exporter: ExporterProcess, calls: readonly TrueCall[]): Promise<void> {
  const values = callSeries(parseExposition(await (await exporter.fetch('/metrics')).text()));
  expect(differences(values, new NaiveCounters(calls).values)).toEqual([]);
}
