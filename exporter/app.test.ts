import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestApp } from './doors/calls/testdata/test-app.js';
import { type Files, nodeFiles } from './spool/files.js';

let folder: string;
let dataDir: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-'));
  dataDir = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Files whose syncs take their time, so that a stop comes in the middle of many. */
const slowDisk: Files = {
  ...nodeFiles,
  async sync(fd) {
    await sleep(20);
    await nodeFiles.sync(fd);
  },
};

describe('stop', () => {
  test('while requests come in: each record that was accepted is there afterwards, and no other', async () => {
    const app = await TestApp.start({ dataDir, surroundings: { files: slowDisk } });
    let accepted = 0;
    let cutOff = 0;
    let stopped = false;
    async function send(sender: number): Promise<void> {
      for (let i = 0; !stopped; i += 1) {
        try {
          const answer = await app.post([
            { model: 'good', id: `${sender}-${i}-a` },
            { model: 'good', id: `${sender}-${i}-b` },
          ]);
          expect(answer.status).toBe(202);
          accepted += answer.json.accepted;
        } catch (error) {
          // A connection that was refused, or closed before the request was sent.
          expect((error as Error).message).toMatch(/fetch failed|terminated/);
          cutOff += 1;
          return;
        }
      }
    }
    const senders = Array.from({ length: 20 }, (_, sender) => send(sender));
    await sleep(150);
    await app.stop();
    stopped = true;
    await Promise.all(senders);
    expect(accepted).toBeGreaterThan(20);
    expect(cutOff).toBeGreaterThan(0);

    const next = await TestApp.start({ dataDir });
    expect(await next.calls('good')).toBe(accepted);
    expect((await next.post({ model: 'good', id: '0-0-a' })).json).toMatchObject({ duplicates: 1 });
    await next.remove();
  });

  test('a request that is half sent when the stop begins may be finished, and is answered', async () => {
    const app = await TestApp.start({ dataDir });
    const body = '{"model":"good"}';
    const socket = connect(app.port, '127.0.0.1');
    let said = '';
    socket.on('data', (data) => {
      said += data;
    });
    socket.write(
      `POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n{"mod`,
    );
    await expect.poll(() => app.metric('model_observation_in_flight_bytes')).toBe(5);
    const stopping = app.stop();
    await sleep(50);
    await expect(fetch(app.url)).rejects.toThrow('fetch failed');
    socket.write(body.slice(5));
    await stopping;
    expect(said).toMatch(/^HTTP\/1\.1 202 /);
    expect(said).toContain('"accepted":1');
    const next = await TestApp.start({ dataDir });
    expect(await next.calls('good')).toBe(1);
    await next.remove();
  });

  test('idle connections do not hold it up; the port and the directory are free at once', async () => {
    const app = await TestApp.start({ dataDir });
    const sockets = Array.from({ length: 3 }, () => connect(app.port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => {}).resume();
    await app.fetch('/');
    const began = performance.now();
    await app.stop();
    expect(performance.now() - began).toBeLessThan(2000);
    const next = await TestApp.start({ dataDir, config: { listen: `127.0.0.1:${app.port}` } });
    expect(next.port).toBe(app.port);
    await next.remove();
    for (const socket of sockets) socket.destroy();
  });

  test('a disk that fails at the end does not keep the directory locked', async () => {
    let failing = false;
    const unlessFailing = async (): Promise<void> => {
      if (failing) throw new Error('EIO: i/o error');
    };
    const files: Files = {
      ...nodeFiles,
      write: (...args) => unlessFailing().then(() => nodeFiles.write(...args)),
      sync: (fd) => unlessFailing().then(() => nodeFiles.sync(fd)),
      close: (fd) => nodeFiles.close(fd).then(unlessFailing),
    };
    const app = await TestApp.start({ dataDir, surroundings: { files } });
    await app.post({ model: 'good' });
    failing = true;
    await app.stop().catch(() => {});
    const next = await TestApp.start({ dataDir });
    expect(await next.calls('good')).toBe(1);
    await next.remove();
  });
});

describe('a start that fails leaves nothing behind', () => {
  test('the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(TestApp.start({ dataDir, config: { listen: `127.0.0.1:${port}` } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port,
    });
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.sock'))).toEqual([]);
    await new Promise((resolve) => other.close(resolve));
    await (await TestApp.start({ dataDir })).remove();
  });

  test('the directory is in use: the one that has it goes on', async () => {
    const first = await TestApp.start({ dataDir });
    await expect(TestApp.start({ dataDir })).rejects.toThrow(
      `The data directory ${dataDir} is in use by process ${process.pid}. Each exporter needs a data directory of its own`,
    );
    expect((await first.post({ model: 'good' })).status).toBe(202);
    await first.remove();
  });

  test('the directory cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(TestApp.start({ dataDir: join(folder, 'file', 'data') })).rejects.toThrow(
      /cannot be used \(ENOTDIR\)\. .* or set data_dir/,
    );
  });

  test('the directory is not writable', async () => {
    await (await TestApp.start({ dataDir })).stop();
    chmodSync(folder, 0o755);
    chmodSync(dataDir, 0o555);
    // Nothing stops root: as somebody else, then.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid!(65_534);
    try {
      await expect(TestApp.start({ dataDir })).rejects.toThrow(
        /^The data directory \S+ cannot be used \(EACCES\)\. .*: make the folder writable for user \d+, or set data_dir/,
      );
    } finally {
      if (isRoot) process.seteuid!(0);
      chmodSync(dataDir, 0o700);
    }
    await (await TestApp.start({ dataDir })).stop();
  });

  test('the log cannot be opened', async () => {
    const files: Files = {
      ...nodeFiles,
      open: async () => {
        throw Object.assign(new Error('ENOSPC: no space left on device, open'), { code: 'ENOSPC' });
      },
    };
    await expect(TestApp.start({ dataDir, surroundings: { files } })).rejects.toThrow('ENOSPC');
    await (await TestApp.start({ dataDir })).remove();
  });

  test('the keys of the directory are damaged: it says so, and they are left as they are', async () => {
    await (await TestApp.start({ dataDir })).stop();
    writeFileSync(join(dataDir, 'keys.json'), '{}');
    await expect(TestApp.start({ dataDir })).rejects.toThrow(/keys\.json is damaged/);
    expect(existsSync(join(dataDir, 'lock.sock'))).toBe(false);
  });
});
