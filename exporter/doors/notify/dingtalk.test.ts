import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestApp } from '../calls/testdata/test-app.js';
import { posted, postedAlert } from './testdata/notifications.js';
import { RobotDouble } from './testdata/robot-double.js';

let folder: string;
let robot: RobotDouble;
let app: TestApp;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dingtalk-'));
  robot = await RobotDouble.start();
  app = await start();
});
afterEach(async () => {
  await app.remove();
  await robot.goDown().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

function start(given: { token?: string; secret?: string; entry?: object } = {}): Promise<TestApp> {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), `${text}\n`);
    return join(folder, name);
  };
  const entry = {
    name: '值班 & co',
    access_token_file: file('token', given.token ?? robot.token),
    secret_file: file('secret', given.secret ?? robot.secret ?? ''),
    base_url: robot.url,
    ...given.entry,
  };
  return TestApp.start({ config: { notify: { dingtalk: [entry] } } });
}

async function restart(given: Parameters<typeof start>[0]): Promise<void> {
  await app.remove();
  app = await start(given);
}

let next = 0;
/** Each another group, unless one is given. */
function tell(payload: unknown = posted([postedAlert()], { groupKey: `group ${next++}` }), name = '值班 & co') {
  return app.fetch(`/notify/dingtalk?robot=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(payload),
  });
}
const failures = (reason: string) => app.metric('model_observation_dingtalk_failures_total', `reason="${reason}"`);
const answered = (answer: string) =>
  app.metric('model_observation_notifications_total', 'channel="dingtalk"', `answer="${answer}"`);

test('a signed message arrives, and its robot is seen to be well', async () => {
  expect(await failures('busy')).toBe(0);
  expect(await tell()).toMatchObject({ status: 200, json: { status: 'delivered' } });
  expect(robot.messages).toHaveLength(1);
  expect(robot.messages[0]?.title).toBe('🔴 Firing Critical slow first token · checkout');
  expect(robot.messages[0]?.text).toContain('Workspace: checkout');
  expect(await answered('delivered')).toBe(1);
  const at = await app.metric('model_observation_dingtalk_last_success_timestamp_seconds', 'robot="值班 & co"');
  expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(10);
});

test('by the whole address of a robot without a signature, in Chinese', async () => {
  await robot.goDown();
  robot = await RobotDouble.start(null);
  writeFileSync(join(folder, 'url'), `${robot.url}/robot/send?access_token=${robot.token}\n`);
  await app.remove();
  app = await TestApp.start({
    config: { notify: { dingtalk: [{ name: 'zh', url_file: join(folder, 'url'), language: 'zh' }] } },
  });
  expect(await tell(undefined, 'zh')).toMatchObject({ status: 200 });
  expect(robot.messages[0]?.text).toContain('业务空间：checkout');
});

test('the same told again within a minute is not sent again; with another alert it is', async () => {
  const payload = posted([postedAlert()]);
  const both = await Promise.all([tell(payload), tell(payload)]);
  expect(both.map(({ json }) => json.status).toSorted()).toEqual(['delivered', 'repeated']);
  expect(await tell(payload)).toMatchObject({ status: 200, json: { status: 'repeated' } });
  expect(robot.messages).toHaveLength(1);
  await tell(posted([postedAlert(), postedAlert({ fingerprint: 'other' })]));
  await tell(posted([postedAlert({ status: 'resolved', endsAt: '2026-11-24T04:00:00Z' })]));
  expect(robot.messages).toHaveLength(3);
});

test('a robot that is down: 503 with Retry-After; once it is back the same notification is delivered', async () => {
  await robot.goDown();
  const payload = posted([postedAlert()]);
  // More often than a robot may send: those that never reached it take nothing of that.
  for (let time = 0; time < 25; time += 1) {
    const answer = await tell(payload);
    expect(answer).toMatchObject({ status: 503, problem: 'robot-busy' });
    expect(answer.headers.get('retry-after')).toBe('1');
  }
  expect(await failures('unreachable')).toBe(25);
  await robot.comeUp();
  expect(await tell(payload)).toMatchObject({ status: 200, json: { status: 'delivered' } });
  expect(robot.messages).toHaveLength(1);
});

test('more than 20 messages a minute are not sent but answered 503, and DingTalk never has to say so', async () => {
  const answers = [];
  for (let time = 0; time < 25; time += 1) answers.push(await tell());
  expect(answers.map(({ status }) => status)).toEqual([...Array(20).fill(200), ...Array(5).fill(503)]);
  expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(50);
  expect([robot.requests, robot.messages.length]).toEqual([20, 20]);
  expect(await failures('limited')).toBe(5);
});

test('a robot that another program has brought to its limit is left alone for a minute', async () => {
  robot.instead = { status: 200, body: '{"errcode":130101,"errmsg":"send too fast"}' };
  const answer = await tell();
  expect(answer).toMatchObject({ status: 503, problem: 'robot-busy' });
  expect(Number(answer.headers.get('retry-after'))).toBe(60);
  expect(await tell()).toMatchObject({ status: 503 });
  expect(robot.requests).toBe(1);
});

describe('never a 4xx, so that Alertmanager tries again', () => {
  test.each([
    [{ status: 500, body: '' }, 503, 'busy'],
    [{ status: 429, body: '{}' }, 503, 'busy'],
    [{ status: 200, body: '{"errcode":-1,"errmsg":"system busy"}' }, 503, 'busy'],
    [{ status: 200, body: '<html>a proxy</html>' }, 502, 'refused'],
    [{ status: 302, body: '' }, 502, 'refused'],
    [{ status: 404, body: '{"errcode":0}' }, 502, 'refused'],
    [{ status: 200, body: '{"errcode":310000,"errmsg":"keywords not in content"}' }, 502, 'refused'],
  ])('%j: %i', async (instead, status, reason) => {
    robot.instead = instead;
    expect(await tell()).toMatchObject({ status });
    expect(await failures(reason)).toBe(1);
    expect(await answered(reason === 'busy' ? 'unavailable' : 'refused')).toBe(1);
  });

  test('one that does not answer is given up well before Alertmanager gives up', async () => {
    robot.instead = 'silence';
    const began = performance.now();
    expect(await tell()).toMatchObject({ status: 503 });
    expect(performance.now() - began).toBeLessThan(8000);
    expect(await failures('unreachable')).toBe(1);
  }, 15_000);
});

test.each([
  ['a wrong token', { token: 'another-token' }, 'access_token_file'],
  ['a wrong secret', { secret: 'SECanother' }, 'secret_file'],
])('%s: 502, with what to do in the log, and no secret anywhere', async (_what, given, advice) => {
  await restart(given);
  const answer = await tell();
  expect(answer).toMatchObject({ status: 502, problem: 'robot-refused' });
  const line = app.log.find((text) => text.includes('DingTalk refuses'));
  expect(line).toContain('值班 & co');
  expect(line).toContain(advice);
  const seen = [
    JSON.stringify(answer.json),
    ...app.log,
    await app.metrics(),
    await (await fetch(`${app.url}/`)).text(),
  ].join();
  for (const secret of ['another-token', 'SECanother', robot.token, robot.secret!]) expect(seen).not.toContain(secret);
});

test.each([
  ['nobody', 'No robot has this name.'],
  ['', 'The address names no robot: end it with ?robot=NAME.'],
])('robot %j: 404 that names the key to write', async (name, detail) => {
  const answer = await tell(undefined, name);
  expect(answer).toMatchObject({ status: 404, problem: 'unknown-robot' });
  expect(answer.json.detail).toBe(
    `${detail} notify.dingtalk in config/model-observation.yml has only "值班 & co": add an entry with the key name there.`,
  );
});
