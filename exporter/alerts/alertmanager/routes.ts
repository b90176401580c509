import type { Alerts, Contact, Rule } from '../model/alerts.js';
import { ALERT_LEVELS, type AlertLevel } from '../model/levels.js';
import { equals } from './matchers.js';
import { contactNamed, HISTORY, NOBODY, receiverName, WATCHDOG } from './receivers.js';
import { intervalName } from './time-intervals.js';
import { repeating, type Timings, timingsOf } from './timings.js';

/** A node of the tree, as Alertmanager reads it. What it does not say it takes from its parent, but for time intervals. */
export interface Route extends Partial<Timings> {
  readonly receiver?: string;
  readonly matchers?: readonly string[];
  readonly group_by?: readonly string[];
  readonly continue?: boolean;
  readonly active_time_intervals?: readonly string[];
  readonly routes?: readonly Route[];
}

const MINUTE = 60_000;
const GROUP_BY = ['workspace_id', 'rule', 'level'];

/** Whoever hears the Watchdog no more for some minutes knows that alerting is broken. */
const WATCHDOG_TIMINGS = repeating(MINUTE, MINUTE / 2);

/**
 * In groups too: hundreds of models that fail at once are a few large messages, not hundreds of small ones. The wait is one for higher
 * levels, which come within a second of those that they mute. Repeats bring the history nothing new.
 */
const HISTORY_ROUTE: Route = {
  matchers: ['rule!=""'],
  receiver: HISTORY,
  group_wait: '5s',
  group_interval: '30s',
  repeat_interval: '5d',
  continue: true,
};

type Recipients = Pick<Rule, 'contacts' | 'schedule' | 'silenceMs'>;

/**
 * The Watchdog; the history, which hears all and stops nothing; the exporter's own alerts; a route for each rule. An alert that
 * nothing below its own route takes is nobody's: neither another rule's, nor a default contact's.
 */
export function routeTree(alerts: Alerts): Route {
  return {
    receiver: NOBODY,
    group_by: GROUP_BY,
    routes: [
      {
        matchers: [equals('alertname', 'Watchdog')],
        ...(alerts.watchdogContact === null ? { receiver: NOBODY } : { receiver: WATCHDOG, ...WATCHDOG_TIMINGS }),
      },
      HISTORY_ROUTE,
      routeTo(
        equals('template', 'exporter'),
        { contacts: alerts.healthContacts, schedule: null, silenceMs: null },
        alerts,
      ),
      ...alerts.rules.map((rule) => routeTo(equals('rule', rule.name), rule, alerts)),
    ],
  };
}

function routeTo(matcher: string, recipients: Recipients, alerts: Alerts): Route {
  const contacts = recipients.contacts.map((name) => contactNamed(alerts, name));
  const routes = ALERT_LEVELS.toReversed().flatMap((level) => routeOfLevel(level, contacts, recipients));
  return { matchers: [matcher], receiver: NOBODY, ...(routes.length > 0 && { routes }) };
}

function routeOfLevel(level: AlertLevel, contacts: readonly Contact[], { schedule, silenceMs }: Recipients): Route[] {
  const reached = contacts.filter(({ fromLevel }) => ALERT_LEVELS.indexOf(level) >= ALERT_LEVELS.indexOf(fromLevel));
  if (reached.length === 0) return [];
  return [
    {
      matchers: [equals('level', level)],
      ...timingsOf(level, silenceMs, schedule),
      routes: reached.map((contact) => ({
        receiver: receiverName(contact),
        continue: true,
        ...(schedule && { active_time_intervals: [intervalName(schedule)] }),
      })),
    },
  ];
}
