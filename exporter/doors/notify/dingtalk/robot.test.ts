import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Robot } from './robot.js';

test('a repeat a minute later is sent: it is what a silence of a minute asks for, though its answer took some time', async () => {
  let messages = 0;
  const server = createServer((_request, response) => {
    messages += 1;
    response.end('{"errcode":0,"errmsg":"ok"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  let now = 0;
  const settings = { name: 'oncall', url: `http://127.0.0.1:${port}/`, secret: null, language: 'en' } as const;
  const robot = new Robot(settings, { wall: () => now, steady: () => now });
  const webhook = {
    groupKey: 'group',
    alerts: [
      {
        status: 'firing',
        startsAt: 1,
        endsAt: null,
        fingerprint: 'a',
        labels: { rule: 'slow' },
        annotations: {},
      } as const,
    ],
    truncated: 0,
  };

  now = 500;
  expect(await robot.deliver(webhook)).toEqual({ kind: 'delivered' });
  now = 30_000;
  expect(await robot.deliver(webhook)).toEqual({ kind: 'repeated' });
  now = 60_000;
  expect(await robot.deliver(webhook)).toEqual({ kind: 'delivered' });
  expect(messages).toBe(2);
});
