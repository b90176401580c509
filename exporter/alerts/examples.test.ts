// What the guide to alerts and the runbooks tell somebody to write in config/alerts.yml is taken by the loader.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadSettings } from '../config/load.js';
import { loadAlerts } from './file/load-alerts.js';
import { OFFICIAL_TEMPLATES } from './templates/official.js';

const DOCS = new URL('../../docs/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'examples-'));
const { monitoring, quotas, pricing } = loadSettings({ cwd: folder, env: {} }).settings;
afterAll(() => rmSync(folder, { recursive: true }));

const guide = readFileSync(new URL('guides/alerts.md', DOCS), 'utf8');
const examples = [...guide.matchAll(/^( *)```yaml\n([\s\S]*?)^\1```$/gm)].map(([, indent = '', block = '']) =>
  block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
);
/** The first is a contact, to which the second refers. */
const [contact = '', naming = '', ...others] = examples;

it.each([`${contact}${naming}`, ...others])('the guide: %s', (text) => {
  expect(() => load(text)).not.toThrow();
});

/** Settings between backticks, such as `for: 5m`. */
const SETTING = /`((?:for|hold|clear_at|least_calls|budget): [^`]+)`/g;
const settings = [...OFFICIAL_TEMPLATES.keys()].flatMap((name) => {
  const page = readFileSync(new URL(`runbooks/${name}.md`, DOCS), 'utf8');
  const falseAlarm = page.slice(page.indexOf('## If it is a false alarm'), page.indexOf('## What it leaves out'));
  return [...falseAlarm.matchAll(SETTING)].map(([, setting = '']) => ({ name, setting }));
});

it('runbooks say what to set', () => {
  expect(settings.length).toBeGreaterThan(25);
});

it.each(settings)('the runbook of $name: $setting', ({ name, setting }) => {
  const needsBudget = name === 'daily-budget' && !setting.startsWith('budget:');
  const budget = needsBudget ? ', budget: { amount: 100, currency: USD }' : '';
  expect(load(`rules:\n  ${name}: { template: ${name}, ${setting}${budget} }\n`)).toEqual([name]);
});

it('what the loader does not know is no example', () => {
  expect(() => load('rules:\n  timeouts: { template: timeouts, clear_at: { warning: 8% } }\n')).toThrow();
});

/** @returns the names of the rules */
function load(text: string): string[] {
  writeFileSync(join(folder, 'alerts.yml'), text);
  const { alerts } = loadAlerts({
    file: 'alerts.yml',
    cwd: folder,
    officialTemplates: OFFICIAL_TEMPLATES,
    monitoring,
    quotas,
    pricing,
  });
  return alerts.rules.map(({ name }) => name);
}
