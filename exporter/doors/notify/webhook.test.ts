import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HttpProblem } from '../../http/problems.js';
import { notificationOf, posted, postedAlert, START } from './testdata/notifications.js';
import { readWebhook } from './webhook.js';

const read = (payload: unknown) => readWebhook(Buffer.from(JSON.stringify(payload)), 100);

function problemOf(body: Uint8Array | string, most = 100): string {
  try {
    readWebhook(Buffer.from(body), most);
  } catch (error) {
    if (error instanceof HttpProblem) return `${error.problem}: ${error.detail}`;
    throw error;
  }
  return 'taken';
}

test('what Alertmanager sends: alerts with start, end, labels and annotations', () => {
  const resolved = postedAlert({ status: 'resolved', endsAt: '2026-11-24T11:40:00.123456789+08:00' });
  expect(read(posted([postedAlert(), resolved], { truncatedAlerts: 3 }))).toEqual({
    groupKey: '{}/{rule!=""}:{rule="slow first token"}',
    truncated: 3,
    alerts: [notificationOf(), notificationOf({ status: 'resolved', endsAt: Date.parse('2026-11-24T03:40:00.123Z') })],
  });
});

test('texts come out bounded, names and labels too many are left out, those of the contract first', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`l${index}`, 'x']));
  const alert = postedAlert({
    labels: { ...many, 'not a name': 'x', __proto__x: 'y', rule: 'r'.repeat(500), model: 'm\ud800' },
    annotations: { message: '漢'.repeat(5000) },
  });
  const [taken] = read(posted([alert])).alerts;
  expect(Object.keys(taken!.labels)).toHaveLength(40);
  expect(taken!.labels.rule).toHaveLength(200);
  expect(taken!.labels.model).toBe('m\ufffd');
  expect(taken!.labels).not.toHaveProperty('not a name');
  expect(taken!.annotations.message).toHaveLength(2000);
});

test('a label called __proto__ is a label', () => {
  const body = JSON.stringify(posted([postedAlert()])).replace('"level":', '"__proto__":"x","level":');
  const [taken] = readWebhook(Buffer.from(body), 100).alerts;
  expect(Object.getPrototypeOf(taken!.labels)).toBe(Object.prototype);
  expect(Object.entries(taken!.labels)).toContainEqual(['__proto__', 'x']);
});

describe('what is no notification', () => {
  test.each([
    ['nothing', '', 'The body is not valid JSON: Unexpected end of JSON input.'],
    ['a list', '[]', 'The body is no JSON object.'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'The body is not UTF-8.'],
  ])('%s', (_what, body, detail) => expect(problemOf(body)).toBe(`malformed-notification: ${detail}`));

  test.each([
    ['another version', posted([postedAlert()], { version: '5' }), 'version is not "4".'],
    ['no alerts', posted([]), 'alerts is no list of at least one alert.'],
    ['an alert that is none', posted([postedAlert(), 1]), 'alerts[1] is no object.'],
    ['another status', posted([{ ...postedAlert(), status: 'x' }]), 'alerts[0].status is neither firing nor resolved.'],
    ['no labels', posted([{ ...postedAlert(), labels: {} }]), 'alerts[0].labels is empty.'],
    [
      'a label of 1',
      posted([{ ...postedAlert(), labels: { a: 1 } }]),
      'alerts[0].labels holds something that is no text.',
    ],
    ['no start', posted([{ ...postedAlert(), startsAt: 'now' }]), 'alerts[0].startsAt is no RFC 3339 time.'],
    [
      'an end that never came',
      posted([postedAlert({ status: 'resolved', startsAt: START })]),
      'alerts[0].endsAt is no RFC 3339 time.',
    ],
  ])('%s', (_what, payload, detail) =>
    expect(problemOf(JSON.stringify(payload))).toBe(`malformed-notification: ${detail}`),
  );

  test('more alerts than a request may hold', () => {
    expect(problemOf(JSON.stringify(posted([postedAlert(), postedAlert()])), 1)).toMatch(
      /^body-too-large: .*max_alerts/,
    );
  });

  test('whatever it is, it is a problem of the sender, and never a crash', () => {
    const junk = fc.oneof(
      fc.anything(),
      fc.json().map((text) => JSON.parse(text) as unknown),
    );
    const broken = fc.record(
      {
        status: fc.oneof(junk, fc.constant('firing')),
        labels: junk,
        annotations: junk,
        startsAt: junk,
        endsAt: junk,
        fingerprint: junk,
      },
      { requiredKeys: [] },
    );
    const bodies = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc
        .oneof(
          junk,
          junk.map((alerts) => ({ ...posted([]), alerts })),
          broken.map((alert) => posted([alert])),
        )
        .map((payload) =>
          Buffer.from(JSON.stringify(payload, (_key, value) => (typeof value === 'bigint' ? 0 : value)) ?? ''),
        ),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        expect(problemOf(body)).toMatch(/^malformed-notification: /);
      }),
      { numRuns: 500 },
    );
  });

  test('good alerts with hostile texts are taken, well-formed', () => {
    const text = fc.string({ unit: 'binary', maxLength: 3000 });
    fc.assert(
      fc.property(text, text, (model, message) => {
        const given = postedAlert();
        const alert = { ...given, labels: { ...given.labels, model }, annotations: { message } };
        const [taken] = read(posted([alert])).alerts;
        expect(taken!.labels.model!.isWellFormed()).toBe(true);
        expect(taken!.labels.model!.length).toBeLessThanOrEqual(200);
        expect(taken!.annotations.message!.isWellFormed()).toBe(true);
      }),
    );
  });
});
