import { expect, test } from 'vitest';
import { ALERT_METRICS } from '../model/alert-metrics.js';
import { MESSAGE_PLACEHOLDERS } from '../model/alerts.js';
import {
  ALERTS_FILE,
  BUDGET_KEYS,
  CONDITION_KEYS,
  CONTACT_KEYS,
  RULE_KEYS,
  SCHEDULE_KEYS,
  TEMPLATE_KEYS,
} from './alerts-file.js';
import { alertsReference } from './reference.js';
import { OFFICIAL } from './testdata/official.js';

const page = alertsReference(OFFICIAL);

test('the page has every key and every metric, and no other', () => {
  const headings = [...page.matchAll(/^### `(.+)`$/gm)].map((match) => match[1]);
  expect(headings).toEqual([...Object.keys(ALERTS_FILE), ...Object.keys(ALERT_METRICS)]);
  const tables = [BUDGET_KEYS, CONDITION_KEYS, CONTACT_KEYS, RULE_KEYS, SCHEDULE_KEYS, TEMPLATE_KEYS];
  for (const name of tables.flatMap((keys) => Object.keys(keys))) expect(page).toContain(`| \`${name}\` |`);
});

test('the page has the placeholders, and the official templates with their thresholds', () => {
  for (const placeholder of MESSAGE_PLACEHOLDERS) expect(page).toContain(`\`${placeholder}\``);
  expect(page).toContain('| `failure-rate` | share of failures over 5m > |  | 5% | 10% |  | About failure-rate. |');
});
