import { describe, expect, test } from 'vitest';
import type { Answer } from '../exporter/replay/exporter-client.js';
import { type Line, Refused, Sender } from './sender.js';

const WHERE = 'http://127.0.0.1:9490';
const THREE: Line[] = ['{"n":1}', '{"n":2}', '{"n":3}'].map((text) => () => text);

function taken(body: Buffer, rejected: object[] = []): Answer {
  const records = body.toString().split('\n').length;
  const receipt = { accepted: records - rejected.length, duplicates: 0, late: 0, rejected };
  return { status: 202, retryAfter: undefined, body: JSON.stringify(receipt) };
}

function problem(status: number, detail: string, retryAfter?: string): Answer {
  return { status, retryAfter, body: JSON.stringify({ type: 'about:blank', status, detail }) };
}

function broken(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** An exporter that answers by a script, and takes everything when the script is over. */
function senderTo(...script: ((body: Buffer) => Answer)[]) {
  const said: string[] = [];
  const slept: number[] = [];
  const bodies: string[] = [];
  const stop = new AbortController();
  const sender = new Sender({
    post: async (body) => {
      bodies.push(body.toString());
      return (script.shift() ?? taken)(body);
    },
    where: WHERE,
    clock: { now: () => 0, sleep: async (ms) => void slept.push(ms) },
    random: () => 0.5,
    stop: stop.signal,
    say: (text) => said.push(text),
  });
  return { sender, said, slept, bodies, stop };
}

const refuse = (code: string) => (): Answer => {
  throw broken(code);
};

describe('a sender', () => {
  test('sends lines together', async () => {
    const { sender, bodies, said } = senderTo();
    expect(await sender.send(THREE)).toBe(3);
    expect(bodies).toEqual(['{"n":1}\n{"n":2}\n{"n":3}']);
    expect([sender.accepted, sender.duplicates, sender.rejected]).toEqual([3, 0, 0]);
    expect(said).toEqual([]);
  });

  test('waits for an exporter that is not there, says so once, and goes on', async () => {
    const { sender, said, slept } = senderTo(...Array.from({ length: 20 }, () => refuse('ECONNREFUSED')));
    expect(await sender.send(THREE)).toBe(3);
    expect(said).toEqual([`Waiting for ${WHERE}: start it with npm start or npm run stack.`, `${WHERE} takes calls.`]);
    expect(slept).toHaveLength(20);
    expect(Math.max(...slept)).toBeLessThanOrEqual(1_000);
  });

  test('waits for as long as it is asked to, and writes each attempt anew', async () => {
    const { sender, said, slept, bodies } = senderTo(() => problem(503, 'The disk is full.', '7'));
    let attempt = 0;
    expect(
      await sender.send([
        () => {
          attempt += 1;
          return `{"attempt":${attempt}}`;
        },
      ]),
    ).toBe(1);
    expect(slept[0]).toBeGreaterThanOrEqual(7_000);
    expect(bodies).toEqual(['{"attempt":1}', '{"attempt":2}']);
    expect(said[0]).toBe(`${WHERE} answered 503: The disk is full. Trying again.`);
  });

  test.each([401, 403, 404])('ends with what to do when the answer is %d', async (status) => {
    const { sender } = senderTo(() => problem(status, 'No.'));
    const sending = sender.send(THREE);
    await expect(sending).rejects.toThrow(Refused);
    await expect(sending).rejects.toThrow(status === 404 ? '--url' : '--token-file FILE');
  });

  test('sends less at a time to an exporter that takes less', async () => {
    const { sender, bodies } = senderTo(() => problem(413, 'Too many.'));
    expect(await sender.send(THREE)).toBe(3);
    expect(bodies.map((body) => body.split('\n').length)).toEqual([3, 2, 1]);
    expect(sender.accepted).toBe(3);
  });

  test('tells a mistake once, however many records have it', async () => {
    const rejected = [{ index: 0, field: 'workspace_id', message: 'must be "search"' }];
    const { sender, said } = senderTo(...Array.from({ length: 4 }, () => (body: Buffer) => taken(body, rejected)));
    for (let time = 0; time < 4; time += 1) await sender.send(THREE);
    expect(sender.rejected).toBe(4);
    expect(said).toEqual(['Refused, and others perhaps too: workspace_id: must be "search"']);
  });

  test('gives up at once when it is told to stop', async () => {
    const { sender, stop } = senderTo(() => {
      stop.abort();
      throw broken('ECONNREFUSED');
    });
    expect(await sender.send(THREE)).toBe(0);
    expect(sender.accepted).toBe(0);
  });
});
