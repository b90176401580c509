import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Notification } from '../../../call/notification.js';
import { notificationOf } from '../testdata/notifications.js';
import { robotMessage } from './message.js';
import { TEXTS } from './texts.js';

const END = Date.parse('2026-11-24T03:40:00Z');

function textOf(alerts: readonly Notification[], language: 'en' | 'zh' = 'en', truncated = 0): string {
  return robotMessage({ groupKey: 'g', alerts, truncated }, language).markdown.text;
}

function withLabels(labels: Record<string, string>, given: Partial<Notification> = {}): Notification {
  const notification = notificationOf(given);
  return { ...notification, labels: { ...notification.labels, ...labels } };
}

test('one that fires: all that a person needs, with links', () => {
  expect(textOf([notificationOf()])).toBe(
    `### Firing (1)

#### 🔴 **Critical** · slow first token

The first token takes too long.

Workspace: checkout

Model: qwen-plus

Value: 2.4 s

Threshold: 2 s

Since: 2026-11-24 03:24:41 UTC

Message: Call the model team.

[Dashboard](http://grafana/d/model?var-model=qwen-plus) · [Logs](http://grafana/d/logs) · [Runbook](http://exporter:9490/runbooks/first-token) · [Silence](http://alertmanager/#/silences/new?filter={rule=%22slow%20first%20token%22})

###### Model Observation`,
  );
});

test('one that has ended, in Chinese: how long it lasted, and no value of some moment', () => {
  const ended = withLabels({ model: '*', workspace_id: '*', level: 'warning' }, { status: 'resolved', endsAt: END });
  const message = robotMessage({ groupKey: 'g', alerts: [ended], truncated: 0 }, 'zh');
  expect(message.markdown.title).toBe('✅ 已恢复 警告 slow first token');
  expect(message.markdown.text).toBe(
    `### 已恢复 (1)

#### ✅ **警告** · slow first token

业务空间：整个账号

模型：全部

持续时间：2026-11-24 03:24:41 UTC – 2026-11-24 03:40:00 UTC

[监控面板](http://grafana/d/model?var-model=qwen-plus) · [日志](http://grafana/d/logs) · [处理手册](http://exporter:9490/runbooks/first-token)

###### Model Observation`,
  );
});

test('those that fire stand first, the highest level first, and each has its mark', () => {
  const levels = ['normal', 'critical', 'warning', 'error'];
  const firing = levels.map((level) => withLabels({ level }));
  const text = textOf([notificationOf({ status: 'resolved', endsAt: END }), ...firing]);
  expect([...text.matchAll(/🟢|🟡|🟠|🔴|✅/gu)].map(([mark]) => mark)).toEqual(['🔴', '🟠', '🟡', '🟢', '✅']);
  expect([...text.matchAll(/^### .*$/gm)].map(([heading]) => heading)).toEqual(['### Firing (4)', '### Resolved (1)']);
});

test('at most 20 alerts, and how many more there are', () => {
  const short = Array.from({ length: 25 }, () => ({ ...notificationOf(), annotations: {} }));
  const text = textOf(short, 'en', 7);
  expect(text.match(/^#### /gm)).toHaveLength(20);
  expect(text).toContain('**and 12 more**');
  expect(textOf(short.slice(0, 20))).not.toContain('more');
  expect(textOf(short, 'zh')).toContain('**另有 5 条未列出**');
});

describe('a hostile name', () => {
  test.each([
    ['[x](http://evil)', '\\[x\\]\\(http\\:\\/\\/evil\\)'],
    ['![x](http://evil/i.png)', '\\!\\[x\\]\\(http\\:\\/\\/evil/i.png\\)'],
    ['<img src=x onerror=1>', '&lt;img src=x onerror=1&gt;'],
    ['<font color=red>x</font>', '&lt;font color=red&gt;x&lt;/font&gt;'],
    ['@all', '＠all'],
    ['# heading', '\\# heading'],
    ['a\n\n# b\r\u2028c', 'a \\# b c'],
    ['`code` **bold** _it_ ~~no~~', '\\`code\\` \\*\\*bold\\*\\* \\_it\\_ \\~\\~no\\~\\~'],
    ['a\\[b', 'a\\\\\\[b'],
    ['&lt;', '&amp;lt;'],
    ['www.evil.com', 'www\\.evil.com'],
    ['a\u202eb\u0000c', 'a b c'],
    ['模型 🎉 qwen2.5-72b', '模型 🎉 qwen2.5-72b'],
  ])('%j is text', (model, shown) => {
    expect(textOf([withLabels({ model })])).toContain(`Model: ${shown}\n`);
  });

  test('makes no line, link, tag or mention of its own, wherever it stands', () => {
    const plain = textOf([notificationOf()]);
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .array(fc.constantFrom('[', ']', '(', ')', '<', '>', '@', '#', '\n', '`', '*', '\\', '&', 'http://x', '!', ' '))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        fc.pre(/\S/u.test(text));
        const notification = withLabels({ rule: `r${text}`, model: `m${text}`, workspace_id: `w${text}` });
        const annotations = {
          ...notification.annotations,
          message: `t${text}`,
          value: `v${text}`,
          summary: `s${text}`,
        };
        const message = robotMessage({ groupKey: 'g', alerts: [{ ...notification, annotations }], truncated: 0 }, 'en');
        const shown = message.markdown.text;
        expect(shown.split('\n')).toHaveLength(plain.split('\n').length);
        const unescaped = shown.replaceAll(/\\[!-/:-@[-`{-~]/g, '');
        expect(unescaped.match(/\]\(/g)).toHaveLength(4);
        expect(unescaped.match(/[<>@]/)).toBeNull();
        expect(message.markdown.title).not.toMatch(/[\n@]/);
      }),
    );
  });

  test('as a link is no link', () => {
    const linksOf = (dashboard_url: string) => textOf([{ ...notificationOf(), annotations: { dashboard_url } }]);
    expect(linksOf('javascript:alert(1)')).not.toContain('[');
    expect(linksOf('not an address')).not.toContain('[');
    expect(linksOf('http://grafana/a) [x](http://evil')).toContain(
      '[Dashboard](http://grafana/a%29%20%5Bx%5D%28http://evil)',
    );
  });
});

test('whatever the alerts, a message is within the limit of DingTalk', () => {
  const text = fc.string({ unit: 'binary', maxLength: 2000 });
  const alert = fc.record({
    level: text,
    rule: text,
    model: text,
    message: text,
    link: text,
    count: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(
      alert,
      fc.constantFrom('en' as const, 'zh' as const),
      ({ message, link, count, ...labels }, language) => {
        const dashboard_url = `http://grafana/${link}`;
        const annotations = {
          message,
          value: message,
          threshold: message,
          summary: message,
          dashboard_url,
          logs_url: dashboard_url,
        };
        const alerts = Array.from({ length: count }, () => ({ ...withLabels(labels), annotations }));
        const body = JSON.stringify(robotMessage({ groupKey: 'g', alerts, truncated: 0 }, language));
        expect(Buffer.byteLength(body)).toBeLessThan(20_000);
        expect(body).toContain('####');
      },
    ),
    { numRuns: 200 },
  );
});

test('both languages have a text for each level', () => {
  for (const { levels } of Object.values(TEXTS)) {
    expect(Object.keys(levels)).toEqual(['normal', 'warning', 'error', 'critical']);
  }
});
