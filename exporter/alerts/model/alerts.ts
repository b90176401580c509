import type { AggregationName, AlertMetricName, ConditionFilters, InferenceTypes } from './alert-metrics.js';
import type { AlertLevel } from './levels.js';

/** `config/alerts.yml`, checked and with its defaults filled in. Durations are ms; shares are 0 to 1; the rest is in the unit of its metric. */
export interface Alerts {
  readonly links: Links;
  readonly exporter: {
    /** Where Alertmanager reaches the exporter: http or https, without a slash at its end. */
    readonly url: string;
    /** Absolute path of the file, on Alertmanager's machine, with the token of scope `notify`; null = none is asked for. */
    readonly notifyTokenFile: string | null;
  };
  /** How email leaves; null = no contact is an email. */
  readonly email: EmailServer | null;
  readonly contacts: ReadonlyMap<string, Contact>;
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** The user's own, by name. The official ones are not among them. */
  readonly templates: ReadonlyMap<string, Template>;
  readonly rules: readonly Rule[];
  /** Who hears of the exporter's own alerts: names of contacts. */
  readonly healthContacts: readonly string[];
  /** The webhook that the Watchdog calls again and again, and whose silence means that alerting is broken; null = none. */
  readonly watchdogContact: string | null;
}

/** Addresses as people open them in a browser, without a slash at their end. */
export interface Links {
  readonly grafana: string;
  readonly alertmanager: string;
  /** `<runbooks>/<template>` is the page of a template. */
  readonly runbooks: string;
}

export interface EmailServer {
  /** `host:port`. */
  readonly smarthost: string;
  readonly from: string;
  readonly user: string | null;
  /** Absolute path on Alertmanager's machine. */
  readonly passwordFile: string | null;
  readonly requireTls: boolean;
}

export type Contact = {
  readonly name: string;
  /** The lowest level that reaches it. */
  readonly fromLevel: AlertLevel;
} & ContactTarget;

/** Secrets are absolute paths of files on Alertmanager's machine, never values. */
export type ContactTarget =
  | { readonly type: 'email'; readonly to: readonly string[] }
  | { readonly type: 'webhook'; readonly url: string; readonly tokenFile: string | null }
  | { readonly type: 'slack'; readonly apiUrlFile: string; readonly channel: string }
  | { readonly type: 'pagerduty'; readonly routingKeyFile: string }
  | {
      readonly type: 'wecom';
      readonly corpId: string;
      readonly agentId: string;
      readonly secretFile: string;
      readonly toUser: string | null;
      readonly toParty: string | null;
    }
  /** Through the exporter, which knows the robot by this name. */
  | { readonly type: 'dingtalk'; readonly robot: string };

export type ContactType = ContactTarget['type'];

/** The lowest level that reaches a contact that names none: mail hears all, chat warnings, webhooks errors, pagers critical ones. */
export const FROM_LEVELS: Readonly<Record<ContactType, AlertLevel>> = {
  email: 'normal',
  slack: 'warning',
  wecom: 'warning',
  dingtalk: 'warning',
  webhook: 'error',
  pagerduty: 'critical',
};

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** When notifications are sent. What fires outside it is told when it begins, if it still fires. */
export interface Schedule {
  readonly name: string;
  /** Never empty. Minutes of the day: `from` inclusive, `to` exclusive, up to 1440; `to` ≤ `from` goes on over midnight into the next day. */
  readonly hours: readonly { readonly from: number; readonly to: number }[];
  /** The days on which the hours begin; never empty, in the order of the week. */
  readonly weekdays: readonly Weekday[];
  /** IANA name, such as `Asia/Shanghai`. */
  readonly timeZone: string;
}

export interface Template {
  /** 1 to 64 characters. */
  readonly name: string;
  /** Ships with the product: read-only. */
  readonly isOfficial: boolean;
  /** The one workspace whose template it is; null = of all. */
  readonly workspace: string | null;
  /** One sentence that says what is wrong, without values. */
  readonly summary: string;
  /** Which conditions must hold: one of them, or each. */
  readonly match: 'any' | 'all';
  /** 1 to 10. */
  readonly conditions: readonly Condition[];
}

export type Comparison = '>' | '>=' | '<' | '<=' | '==' | '!=';

export interface Condition {
  readonly metric: AlertMetricName;
  readonly aggregation: AggregationName;
  readonly comparison: Comparison;
  /** What it looks back on: one of `WINDOWS`. Null where the metric has none. */
  readonly windowMs: number | null;
  readonly inferenceType: InferenceTypes;
  readonly filters: ConditionFilters;
  /** Growth: the least that the hour before must have had, in the metric's unit (calls, tokens, units of a currency). */
  readonly leastBaseline: number | null;
  /** By level; of `match: all` also one number that holds for every level of the others. */
  readonly thresholds: ReadonlyMap<AlertLevel, number> | number;
}

export interface Rule {
  /** 1 to 64 characters; the label `rule`. */
  readonly name: string;
  readonly template: Template;
  /** Empty = all. */
  readonly workspaces: readonly string[];
  /** Names, or prefixes that end in `*`; empty = all. */
  readonly models: readonly string[];
  readonly forMs: number;
  /** How long an alert goes on after its condition has ended (`keep_firing_for`). */
  readonly holdMs: number;
  /** By level, the value beyond which a firing alert ends; empty = at its threshold. Only where the template has one condition. */
  readonly clearAt: ReadonlyMap<AlertLevel, number>;
  /** In the window of each condition; null = as the metric says. */
  readonly leastCalls: number | null;
  /** Plain text with the placeholders of `MESSAGE_PLACEHOLDERS`; empty = none. */
  readonly message: string;
  readonly schedule: Schedule | null;
  /** How long until a notification is repeated; null = by its level. */
  readonly silenceMs: number | null;
  /** Names of contacts; empty = it is seen in Grafana, Alertmanager and the history alone. */
  readonly contacts: readonly string[];
  /** What a workspace may spend in the window; null unless the template asks for it. */
  readonly budget: { readonly amount: number; readonly currency: string } | null;
}

/** What a message may hold beside plain text. Everything else in it, braces too, is shown as it is written. */
export const MESSAGE_PLACEHOLDERS = [
  '$value',
  '$threshold',
  '$level',
  '$labels.workspace_id',
  '$labels.model',
] as const;
