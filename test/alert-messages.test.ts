// What messages say: the templates, rendered by amtool for lists of any length, and sent by a real Alertmanager to every kind of
// contact that can be led here.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertsOf, contactOf, ruleOf } from '../exporter/alerts/alertmanager/testdata/alerts.js';
import { ALERT_LEVELS, type AlertLevel } from '../exporter/alerts/model/levels.js';
import { amtool, compiledForTest, configFolder, TEMPLATE_FILES } from './alertmanager-files.js';
import { AlertmanagerProcess, type PostableAlert } from './harness/alertmanager-process.js';
import { until } from './harness/condition.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import type { Labels } from './harness/prometheus-process.js';
import { temporaryFolder } from './harness/temporary-folder.js';
import { WebhookReceiver } from './harness/webhook-receiver.js';

const HOSTILE = '<b>*x*</b> {{ .Alerts }} & "q" | 模型';
const STARTED = '2026-03-01T09:00:00+08:00';

interface Shown {
  status: 'firing' | 'resolved';
  labels: Labels;
  annotations: Labels;
  startsAt: string;
  endsAt: string;
}

function alert(model: string, level: AlertLevel, status: Shown['status'] = 'firing', annotations: Labels = {}): Shown {
  return {
    status,
    labels: {
      alertname: 'ModelFailureRate',
      rule: 'Failures <high>',
      level,
      template: 'failure-rate',
      workspace_id: 'team-a',
      model,
    },
    annotations: {
      summary: 'More calls fail than should.',
      description: `Failures are 7.5 %, for model ${model}.`,
      value: '7.5 %',
      threshold: '5 %',
      runbook_url: 'https://docs.example.com/runbooks/failure-rate',
      dashboard_url: 'https://grafana.example.com/d/m?var-workspace=team-a&var-model=%7C',
      logs_url: 'https://grafana.example.com/d/l?var-workspace=team-a',
      silence_url: 'https://alerts.example.com/#/silences/new?filter=%7Bx%7D',
      ...annotations,
    },
    startsAt: STARTED,
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-03-01T09:30:00+08:00',
  };
}

function many(count: number, level: AlertLevel, status: Shown['status'] = 'firing'): Shown[] {
  return Array.from({ length: count }, (_, index) => alert(`${status}-model-${index}.`, level, status));
}

describe.runIf(hasPrograms('amtool'))('templates', () => {
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    folder = await configFolder(alertsOf({}));
  });

  /** As Alertmanager gives it to templates. */
  async function render(name: string, alerts: readonly Shown[], type: 'text' | 'html' = 'text'): Promise<string> {
    const file = join(folder, `data-${++files}.json`);
    const common = (key: 'labels' | 'annotations') =>
      Object.fromEntries(
        Object.entries(alerts[0]![key]).filter(([name, value]) => alerts.every((one) => one[key][name] === value)),
      );
    const data = {
      receiver: 'r',
      status: alerts.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
      alerts,
      groupLabels: {},
      commonLabels: common('labels'),
      commonAnnotations: common('annotations'),
      externalURL: 'http://alertmanager',
    };
    await writeFile(file, JSON.stringify(data));
    const { code, stdout, stderr } = await amtool(
      ...['template', 'render', `--template.glob=${folder}/templates/*.tmpl`, `--template.type=${type}`],
      ...[`--template.data=${file}`, `--template.text={{ template "model-observation.${name}" . }}`],
    );
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  }

  it('say in the subject what it is about', async () => {
    expect(await render('subject', [alert('m-1', 'critical')])).toBe(
      '[CRITICAL] Failures <high>: m-1 in workspace team-a',
    );
    expect(await render('subject', many(12, 'warning'))).toBe(
      '[WARNING] Failures <high>: 12 alerts in workspace team-a',
    );
    expect(await render('subject', many(3, 'warning', 'resolved'))).toBe(
      '[RESOLVED WARNING] Failures <high>: 3 alerts in workspace team-a',
    );
    const everywhere = alert('*', 'error');
    expect(await render('subject', [{ ...everywhere, labels: { ...everywhere.labels, workspace_id: '*' } }])).toBe(
      '[ERROR] Failures <high>: all models in all workspaces',
    );
  });

  it('colour each level, and what is over grey', async () => {
    const colours = await Promise.all(ALERT_LEVELS.map((level) => render('colour', [alert('m', level)])));
    expect(colours).toEqual(['#388e3c', '#fbc02d', '#f57c00', '#d32f2f']);
    expect(await render('colour', [alert('m', 'critical', 'resolved')])).toBe('#808080');
  });

  it('say of an alert all that helps', async () => {
    const text = await render('text', [alert('m-1', 'error'), alert('m-2', 'error', 'resolved')]);
    expect(text).toBe(`[ERROR] Failures <high>: m-1 in workspace team-a
More calls fail than should.

Firing:
- m-1: 7.5 % (threshold 5 %), since 2026-03-01 01:00 UTC
  Failures are 7.5 %, for model m-1.
  Dashboard: https://grafana.example.com/d/m?var-workspace=team-a&var-model=%7C
  Logs: https://grafana.example.com/d/l?var-workspace=team-a
  Runbook: https://docs.example.com/runbooks/failure-rate
  Silence: https://alerts.example.com/#/silences/new?filter=%7Bx%7D

Resolved:
- m-2: 7.5 % (threshold 5 %), from 2026-03-01 01:00 UTC to 2026-03-01 01:30 UTC
  Failures are 7.5 %, for model m-2.
  Dashboard: https://grafana.example.com/d/m?var-workspace=team-a&var-model=%7C
  Logs: https://grafana.example.com/d/l?var-workspace=team-a
  Runbook: https://docs.example.com/runbooks/failure-rate
`);
  });

  it('show the message of a rule instead of the description', async () => {
    const message = 'Call the\nvendor. '.repeat(50);
    const text = await render('text', [alert('m-1', 'error', 'firing', { message })]);
    expect(text).toContain('Call the vendor. Call');
    expect(text).not.toContain('Failures are');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(302);
  });

  const formats = [
    ['text', 'text', 20],
    ['slack.text', 'text', 20],
    ['email.html', 'html', 20],
    ['wecom.text', 'text', 5],
  ] as const;
  it.each(formats)('%s shows a list that is not too long in full', async (name, type, most) => {
    const text = await render(name, many(most, 'critical'), type);
    expect(count(text, 'firing')).toBe(most);
    expect(text).not.toContain('more');
  });

  it.each(formats)('%s bounds a long list, and says how many there are more', async (name, type, most) => {
    expect(count(await render(name, many(200, 'critical'), type), 'firing')).toBe(most);
    expect(await render(name, many(200, 'critical'), type)).toContain(`… and ${200 - most} more`);
    expect(await render(name, many(200, 'critical', 'resolved'), type)).toContain(`… and ${200 - most} more`);
    const both = await render(name, [...many(100, 'critical'), ...many(100, 'critical', 'resolved')], type);
    expect(count(both, 'firing')).toBeGreaterThan(0);
    expect(count(both, 'resolved')).toBeGreaterThan(0);
    expect(count(both, 'firing') + count(both, 'resolved')).toBe(most);
    const more = [...both.matchAll(/and (\d+) more/g)].map(([, number]) => Number(number));
    expect(more.reduce((sum, number) => sum + number, most)).toBe(200);
  });

  it('escape for Slack what it would take for its own', async () => {
    const text = await render('slack.text', [alert(HOSTILE, 'error')]);
    expect(text).toContain('• &lt;b&gt;*x*&lt;/b&gt; {{ .Alerts }} &amp; "q" | 模型: 7.5 %');
    expect(text).toContain('<https://grafana.example.com/d/m?var-workspace=team-a&amp;var-model=%7C|Dashboard>');
    expect(text.match(/<[^h]/g)).toBeNull();
    expect(await render('slack.title', [alert(HOSTILE, 'error')])).toBe(
      '[ERROR] Failures &lt;high&gt;: &lt;b&gt;*x*&lt;/b&gt; {{ .Alerts }} &amp; "q" | 模型 in workspace team-a',
    );
  });

  it('escape for mail', async () => {
    const html = await render(
      'email.html',
      [alert(HOSTILE, 'error', 'firing', { message: '<script>1</script>' })],
      'html',
    );
    expect(html).toContain('&lt;b&gt;*x*&lt;/b&gt; {{ .Alerts }} &amp;');
    expect(html).not.toContain('<script');
    expect(html).toContain('border-left: 8px solid #f57c00;');
    expect(html).toContain(
      '<a href="https://grafana.example.com/d/m?var-workspace=team-a&amp;var-model=%7C">Dashboard</a>',
    );
    const evil = await render('email.html', [alert('m', 'error', 'firing', { logs_url: 'javascript:1' })], 'html');
    expect(evil).not.toContain('javascript:');
  });

  it('fit into what WeCom takes, with the longest of texts', async () => {
    const long = '模'.repeat(300);
    const alerts = Array.from({ length: 10 }, (_, index) =>
      alert(`${index}${long}`, 'critical', 'firing', { message: long, summary: long }),
    );
    const text = await render('wecom.text', alerts);
    expect(text.slice(0, text.indexOf('<a '))).toContain('… and 5 more');
    expect(Buffer.byteLength(text.slice(0, text.indexOf('… and')))).toBeLessThan(2048);
    expect(await render('wecom.text', [alert(HOSTILE, 'critical')])).toContain('＜b>*x*＜/b>');
  });
});

describe.runIf(hasPrograms('alertmanager'))('a real Alertmanager', () => {
  let receiver: WebhookReceiver;
  let alertmanager: AlertmanagerProcess;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    // What Slack says of a message, and WeCom to whoever asks for a token or sends a message.
    receiver.answer = JSON.stringify({ ok: true, access_token: 'granted', errcode: 0 });
    const secrets = await temporaryFolder('alertmanager-secrets');
    const secret = async (name: string, text: string) => {
      await writeFile(join(secrets, name), text);
      return join(secrets, name);
    };
    const contacts = [
      contactOf('slack', 'normal', {
        type: 'slack',
        apiUrlFile: await secret('slack', `${receiver.url}/slack\n`),
        channel: '#{{ models',
      }),
      contactOf('pager', 'normal', { type: 'pagerduty', routingKeyFile: await secret('pager', 'r0uting-key\n') }),
      contactOf('wecom', 'normal', {
        type: 'wecom',
        corpId: 'corp',
        agentId: '7',
        secretFile: await secret('wecom [secret]', 's3cret-of-WeCom'),
        toUser: 'a|b',
        toParty: null,
      }),
      contactOf('hook', 'normal', {
        type: 'webhook',
        url: `${receiver.url}/hook`,
        tokenFile: await secret('hook', 'h00k-token\n'),
      }),
      contactOf('ding', 'normal', { type: 'dingtalk', robot: '值班 & co' }),
    ];
    const alerts = alertsOf({
      contacts,
      rules: [
        ruleOf(
          'Failures <high>',
          contacts.map(({ name }) => name),
        ),
      ],
      exporter: { url: receiver.url, notifyTokenFile: await secret('notify', 'n0tify-token') },
    });
    const config = compiledForTest(alerts, receiver.url, {
      timings: () => ({ group_wait: '100ms', group_interval: '1s', repeat_interval: '1h' }),
      receiver: ({ name, pagerduty_configs, wechat_configs, ...others }) => ({
        name,
        ...others,
        ...(pagerduty_configs ? { pagerduty_configs: led(pagerduty_configs, { url: `${receiver.url}/pager` }) } : {}),
        ...(wechat_configs ? { wechat_configs: led(wechat_configs, { api_url: `${receiver.url}/wecom/` }) } : {}),
      }),
    });
    alertmanager = await AlertmanagerProcess.start({ config, files: TEMPLATE_FILES });
    await alertmanager.post([firing]);
  });
  afterAll(() => receiver.close());

  const { labels, annotations } = alert(HOSTILE, 'critical');
  const firing: PostableAlert = { labels, annotations, startsAt: new Date(STARTED) };

  const sent = (path: string) =>
    until(`a message at ${path}`, () => receiver.received.find((one) => one.path.startsWith(path)), {
      timeoutMs: 15_000,
    });

  it('tells Slack', async () => {
    const { channel, attachments } = JSON.parse((await sent('/slack')).body) as {
      channel: string;
      attachments: Record<string, unknown>[];
    };
    expect(channel).toBe('#{{ models');
    expect(attachments[0]).toMatchObject({ color: '#d32f2f', mrkdwn_in: ['pretext'] });
    expect(attachments[0]?.title).toContain('&lt;b&gt;*x*&lt;/b&gt; {{ .Alerts }}');
    expect(attachments[0]?.text).toContain('since 2026-03-01 01:00 UTC');
  });

  it('pages', async () => {
    const message = JSON.parse((await sent('/pager')).body) as Record<string, unknown>;
    expect(message).toMatchObject({
      routing_key: 'r0uting-key',
      event_action: 'trigger',
      payload: {
        severity: 'critical',
        group: 'team-a',
        summary: `[CRITICAL] Failures <high>: ${HOSTILE} in workspace team-a`,
      },
    });
    expect((message.links as { text: string }[]).map(({ text }) => text)).toEqual(['Dashboard', 'Logs', 'Runbook']);
  });

  it('asks WeCom for a token with the secret of the file, and sends the text', async () => {
    const { path } = await sent('/wecom/gettoken');
    expect(new URL(path, 'http://w').searchParams.get('corpsecret')).toBe('s3cret-of-WeCom');
    const message = JSON.parse((await sent('/wecom/message/send?access_token=granted')).body) as Record<
      string,
      unknown
    >;
    expect(message).toMatchObject({ touser: 'a|b', agentid: '7', msgtype: 'text' });
    expect((message.text as { content: string }).content).toContain('[CRITICAL] Failures ＜high> in workspace team-a');
  });

  it.each([
    ['/hook', 'h00k-token', 'contact/hook'],
    ['/notify/history', 'n0tify-token', 'history'],
    [`/notify/dingtalk?robot=${encodeURIComponent('值班 & co')}`, 'n0tify-token', 'contact/ding'],
  ])('calls %s with the token of its file', async (path, token, name) => {
    const { headers } = await sent(path);
    expect(headers.authorization).toBe(`Bearer ${token}`);
    const [message] = receiver.messages(path);
    expect(message).toMatchObject({ version: '4', receiver: name, status: 'firing', commonLabels: labels });
  });

  it('tells all of the end', async () => {
    await Promise.all(['/slack', '/pager', '/wecom/message', '/hook', '/notify/history', '/notify/dingtalk'].map(sent));
    await alertmanager.post([{ ...firing, endsAt: new Date() }]);
    const bodies = (path: string) =>
      receiver.received.filter((one) => one.path.startsWith(path)).map(({ body }) => body);
    for (const [path, end] of [
      ['/slack', '[RESOLVED CRITICAL]'],
      ['/pager', '"event_action":"resolve"'],
      ['/wecom/message', '[RESOLVED CRITICAL]'],
      ['/hook', '"status":"resolved"'],
      ['/notify/history', '"status":"resolved"'],
      ['/notify/dingtalk', '"status":"resolved"'],
    ] as const) {
      await until(`the end at ${path}`, () => bodies(path).some((body) => body.includes(end)), { timeoutMs: 15_000 });
    }
  });

  it('is not stopped by a busy receiver: it tries again', async () => {
    receiver.status = 503;
    const again = { ...firing, labels: { ...labels, model: 'later' }, startsAt: new Date() };
    await alertmanager.post([again]);
    const refused = () => receiver.received.filter(({ path, status }) => path === '/hook' && status === 503);
    await until('a call that is refused', () => refused().length > 0, { timeoutMs: 15_000 });
    receiver.status = 200;
    await until(
      'the alert at last',
      () => receiver.messages('/hook').some(({ alerts }) => alerts.some((one) => one.labels.model === 'later')),
      { timeoutMs: 20_000 },
    );
  });
});

function led(configs: unknown, changes: Record<string, string>): unknown {
  return (configs as Record<string, unknown>[]).map((config) => ({ ...config, ...changes }));
}

function count(text: string, status: string): number {
  return new Set(text.match(new RegExp(`${status}-model-\\d+\\.`, 'g')) ?? []).size;
}
