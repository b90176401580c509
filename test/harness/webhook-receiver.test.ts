import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebhookReceiver } from './webhook-receiver.js';

let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await WebhookReceiver.start();
});
afterAll(() => receiver.close());

it('keeps what it is sent, and what it answered', async () => {
  receiver.answer = '{"errcode":0}';
  expect(await post('/a?b=c', '{"status":"firing"}')).toEqual([200, '{"errcode":0}']);
  receiver.status = 503;
  expect((await post('/busy', '{}'))[0]).toBe(503);
  receiver.status = 200;
  expect(receiver.received.map(({ method, path, body, status }) => [method, path, body, status])).toEqual([
    ['POST', '/a?b=c', '{"status":"firing"}', 200],
    ['POST', '/busy', '{}', 503],
  ]);
  expect(receiver.messages('/a?b=c')).toEqual([{ status: 'firing' }]);
  expect(receiver.messages('/busy')).toEqual([]);
});

it('lets nobody in without its token', async () => {
  receiver.token = 'secret';
  expect((await post('/door', '{}'))[0]).toBe(401);
  expect((await post('/door', '{}', 'Bearer wrong'))[0]).toBe(401);
  expect(receiver.messages('/door')).toEqual([]);
  expect((await post('/door', '{}', 'Bearer secret'))[0]).toBe(200);
  expect(receiver.messages('/door')).toHaveLength(1);
});

async function post(path: string, body: string, authorization?: string): Promise<[number, string]> {
  const headers = authorization === undefined ? {} : { authorization };
  const response = await fetch(`${receiver.url}${path}`, { method: 'POST', headers, body });
  return [response.status, await response.text()];
}
