import { expect, test } from 'vitest';
import { MessageLimit } from './message-limit.js';

function send(limit: MessageLimit, at: number, isCounted = true): void {
  limit.begin();
  limit.end(at, isCounted);
}

test('20 in any minute, and the next when the first is over a minute old', () => {
  const limit = new MessageLimit();
  for (let at = 0; at < 20; at += 1) {
    expect(limit.waitMs(at)).toBe(0);
    send(limit, at);
  }
  expect(limit.waitMs(20)).toBe(59_981);
  expect(limit.waitMs(60_000)).toBe(1);
  expect(limit.waitMs(60_001)).toBe(0);
  send(limit, 60_001);
  expect(limit.waitMs(60_001)).toBe(1);
});

test('those under way count, and those that never reached DingTalk do not', () => {
  const limit = new MessageLimit();
  for (let time = 0; time < 20; time += 1) limit.begin();
  expect(limit.waitMs(0)).toBeGreaterThan(0);
  for (let time = 0; time < 20; time += 1) limit.end(5, false);
  expect(limit.waitMs(6)).toBe(0);
});
