import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SlowDisk } from './testdata/slow-disk.js';
import { TestApp } from './testdata/test-app.js';

let app: TestApp;
let disk: SlowDisk;

beforeEach(async () => {
  disk = new SlowDisk();
  app = await TestApp.start({ surroundings: { files: disk.files } });
});
afterEach(() => app.remove());

/** Sends a request of which `sent` bytes of the body arrive, and hands over the connection. */
async function begin(body: string, sent: number) {
  const socket = connect(app.port, '127.0.0.1');
  socket.on('error', () => {});
  const head = `POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: ${body.length}\r\n\r\n`;
  await new Promise((resolve) => socket.write(head + body.slice(0, sent), resolve));
  return socket;
}

const BODY = '{"model":"good","id":"1"}\n{"model":"good","id":"2"}\n';

test('in the middle of the body: nothing of it is taken, and nothing stays behind', async () => {
  const socket = await begin(BODY, BODY.length - 5);
  await expect.poll(() => app.metric('model_observation_in_flight_bytes')).toBe(BODY.length - 5);
  socket.destroy();
  await expect.poll(() => app.metric('model_observation_in_flight_bytes')).toBe(0);
  expect(await app.metric('model_observation_requests_total', 'code="499"')).toBe(1);
  expect(await app.calls('good')).toBe(0);
  expect(app.log.join('')).not.toContain('"level":50');
});

test.each(['with a reset', 'in order'])('after the body, before the answer, %s: the records are kept', async (how) => {
  let release = (): void => {};
  disk.sync = new Promise((resolve) => {
    release = resolve;
  });
  const socket = await begin(BODY, BODY.length);
  await expect.poll(() => app.metric('model_observation_in_flight_bytes')).toBeGreaterThan(BODY.length);
  if (how === 'in order') socket.end();
  else socket.resetAndDestroy();
  release();
  await expect.poll(() => app.calls('good')).toBe(2);
  socket.destroy();
  // So that the one who went away may send them again.
  expect((await app.ndjson(BODY)).json).toMatchObject({ accepted: 0, duplicates: 2 });
  expect(app.log.join('')).not.toContain('"level":50');
});

test('in the middle of thousands: the others notice nothing', async () => {
  const sockets = await Promise.all(Array.from({ length: 50 }, (_, i) => begin(BODY, i % BODY.length)));
  const answers = Promise.all(Array.from({ length: 50 }, (_, i) => app.post({ model: 'other', id: String(i) })));
  for (const socket of sockets) socket.destroy();
  expect((await answers).every(({ status }) => status === 202)).toBe(true);
  expect(await app.calls('other')).toBe(50);
  await expect.poll(() => app.metric('model_observation_in_flight_bytes')).toBe(0);
});
