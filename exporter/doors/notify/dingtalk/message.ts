import { EVERY, type Notification } from '../../../call/notification.js';
import type { Language } from '../../../config/settings.js';
import type { Webhook } from '../webhook.js';
import { cutTo, escapeMarkdown, markdownLink, oneLine } from './markdown.js';
import { TEXTS, type Texts } from './texts.js';

/** A message as a robot takes it. */
export interface RobotMessage {
  readonly msgtype: 'markdown';
  readonly markdown: { readonly title: string; readonly text: string };
  readonly at: { readonly isAtAll: false };
}

const MOST_ALERTS = 20;
/** DingTalk takes 20,000 bytes in all; the title and what is around it need some of them. */
const MOST_TEXT_BYTES = 18_000;
const MOST_TITLE = 100;
const MOST_NAME = 100;
const MOST_SENTENCE = 400;
const MOST_LINK = 1500;
const MARKS: Readonly<Record<string, string>> = { normal: '🟢', warning: '🟡', error: '🟠', critical: '🔴' };
const NO_LEVEL = '⚪';
const ENDED = '✅';
/** Stands in every message, so that a robot may be told to take only messages with it. */
const KEYWORD = 'Model Observation';
/** Highest first, as a person reads them. */
const ORDER = ['critical', 'error', 'warning', 'normal'];

/**
 * A group of alerts as one message: those that fire, by level, then those that have ended. What does not fit is counted.
 */
export function robotMessage({ alerts, truncated }: Webhook, language: Language): RobotMessage {
  const texts = TEXTS[language];
  const firing = alerts.filter(({ status }) => status === 'firing').toSorted(byLevel);
  const resolved = alerts.filter(({ status }) => status === 'resolved').toSorted(byLevel);
  const title = titleOf(firing[0] ?? resolved[0], alerts.length + truncated, texts);
  const footer = `###### ${KEYWORD}`;
  const blocks: string[] = [];
  let bytes = bytesOf(footer) + bytesOf(texts.andMore(99_999_999)) + 10;
  let told = 0;
  let last: Notification['status'] | null = null;
  for (const alert of [...firing, ...resolved].slice(0, MOST_ALERTS)) {
    const count = alert.status === 'firing' ? firing.length : resolved.length;
    const heading = alert.status === last ? '' : `### ${texts[alert.status]} (${count})\n\n`;
    // Links are what can be done without.
    const block = [true, false]
      .map((hasLinks) => heading + blockOf(alert, texts, hasLinks))
      .find((text) => bytes + bytesOf(text) <= MOST_TEXT_BYTES);
    if (block === undefined) break;
    blocks.push(block);
    bytes += bytesOf(block);
    told += 1;
    last = alert.status;
  }
  const left = alerts.length + truncated - told;
  if (left > 0) blocks.push(`**${texts.andMore(left)}**`);
  blocks.push(footer);
  return { msgtype: 'markdown', markdown: { title, text: blocks.join('\n\n') }, at: { isAtAll: false } };
}

function byLevel(a: Notification, b: Notification): number {
  return rankOf(a) - rankOf(b);
}

function rankOf({ labels }: Notification): number {
  const rank = ORDER.indexOf(labels.level ?? '');
  return rank === -1 ? ORDER.length : rank;
}

function titleOf(alert: Notification | undefined, count: number, texts: Texts): string {
  if (alert === undefined) return KEYWORD;
  const { level = '', workspace_id: workspace = '' } = alert.labels;
  const mark = alert.status === 'resolved' ? ENDED : (MARKS[level] ?? NO_LEVEL);
  const words = [mark, texts[alert.status], texts.levels[level], oneLine(nameOf(alert))];
  const where = workspace === '' || workspace === EVERY ? '' : ` · ${oneLine(workspace)}`;
  const more = count > 1 ? ` +${count - 1}` : '';
  const text = words.filter((word) => word !== undefined).join(' ');
  return `${cutTo(text + where, MOST_TITLE)}${more}`.replaceAll('@', '＠');
}

function blockOf(alert: Notification, texts: Texts, hasLinks: boolean): string {
  const { labels, annotations, status } = alert;
  const level = labels.level ?? '';
  const isFiring = status === 'firing';
  const mark = isFiring ? (MARKS[level] ?? NO_LEVEL) : ENDED;
  const levelText = texts.levels[level];
  const line = (name: string, text: string | undefined, most: number): string | null =>
    text === undefined || text === '' ? null : `${name}${texts.colon}${shown(text, most)}`;
  const links = [
    markdownLink(texts.dashboard, annotations.dashboard_url, MOST_LINK),
    markdownLink(texts.logs, annotations.logs_url, MOST_LINK),
    markdownLink(texts.runbook, annotations.runbook_url, MOST_LINK),
    isFiring ? markdownLink(texts.silence, annotations.silence_url, MOST_LINK) : null,
  ].filter((link) => link !== null);
  // Where an alert has no such label it is not about one: the exporter's own Watchdog.
  const workspace = labels.workspace_id === EVERY ? texts.everyWorkspace : labels.workspace_id;
  const model = labels.model === EVERY ? texts.everyModel : labels.model;
  const lines = [
    `#### ${mark} ${levelText === undefined ? '' : `**${levelText}** · `}${shown(nameOf(alert), MOST_NAME)}`,
    isFiring && annotations.summary !== undefined ? shown(annotations.summary, MOST_SENTENCE) : null,
    line(texts.workspace, workspace, MOST_NAME),
    line(texts.model, model, MOST_NAME),
    // Of one that has ended they are of some moment while it fired.
    isFiring ? line(texts.value, annotations.value, MOST_NAME) : null,
    isFiring ? line(texts.threshold, annotations.threshold, MOST_NAME) : null,
    isFiring ? `${texts.since}${texts.colon}${timeText(alert.startsAt)}` : null,
    alert.endsAt === null
      ? null
      : `${texts.lasted}${texts.colon}${timeText(alert.startsAt)} – ${timeText(alert.endsAt)}`,
    isFiring ? line(texts.message, annotations.message, MOST_SENTENCE) : null,
    hasLinks && links.length > 0 ? links.join(' · ') : null,
  ];
  // A blank line between any two: DingTalk joins lines that have none.
  return lines.filter((text) => text !== null).join('\n\n');
}

function nameOf({ labels }: Notification): string {
  return labels.rule ?? labels.alertname ?? KEYWORD;
}

function shown(text: string, most: number): string {
  return escapeMarkdown(cutTo(oneLine(text), most));
}

/** In UTC, as in logs: `2026-11-24 03:24:41 UTC`. */
function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** As it stands in the JSON. */
function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(`${text}\n\n`));
}
