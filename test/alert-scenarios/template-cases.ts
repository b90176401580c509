/** Every official template, with its thresholds and its scenarios. */
import * as amounts from './amounts.js';
import { budgetCase } from './budget-scenarios.js';
import { idleCase } from './idle-scenarios.js';
import { levelsIn, ratioCase, Story, together, zero } from './ratio-scenarios.js';
import type { Scenario, TemplateCase, Thresholds } from './scenario.js';

const KINDS = ['content_moderation', 'rate_limited', 'timeout', 'client_error', 'server_error'];
const FIVE_MINUTES = { recorded: ['5-minute'], settled: 6, calls: { few: 8 / 5, enough: 14 / 5 } } as const;
const TEN_MINUTES = { recorded: ['5-minute'], settled: 16, calls: { few: 8 / 10, enough: 14 / 10 } } as const;
const QUARTER = { recorded: ['5-minute'], settled: 21, calls: { few: 8 / 15, enough: 14 / 15 } } as const;
const HALF_HOUR = { recorded: ['5-minute'], settled: 36, calls: { few: 8 / 30, enough: 14 / 30 } } as const;
const TWO_MINUTES = { recorded: ['minute'], settled: 3, calls: { few: 8 / 2, enough: 14 / 2 } } as const;
const DAY = 1440;
const GROWTH = {
  recorded: ['hour'],
  settled: 64,
  grid: 4,
  lead: DAY + 64,
  calls: { few: 8 / 60, enough: 14 / 60 },
} as const;

const RPM = 60;
const TPM = 60_000;
const QUOTAS = { normal: 0.7, warning: 0.8, error: 0.9, critical: 1 } as const;

/** A share of failures whose whole is cancelled calls for the most part: few of those that count. */
function mostlyCancelled(thresholds: Thresholds): Record<string, Scenario> {
  const told = new Story('mostly cancelled/m', 'm', levelsIn(thresholds))
    .goesOn({ minutes: 20, amounts: { ...amounts.failures(KINDS, [])(0.9, 1), ...amounts.cancelledCalls(100) } })
    .expects('plain', 'none', 1)
    .expectsNever('plain', 'pending or firing');
  return { 'mostly cancelled': together([[told]]) };
}

/** Many calls, of which few are streamed: too few for a percentile of first tokens. */
function seldomStreamed(thresholds: Thresholds, adapter: amounts.Adapter, value: number): Record<string, Scenario> {
  const streamed = adapter(value, 0.7);
  const [calls] = Object.entries(amounts.unstreamed(100));
  const told = new Story('seldom streamed/m', 'm', levelsIn(thresholds))
    .goesOn({ minutes: 30, amounts: { ...streamed, ...Object.fromEntries(calls === undefined ? [] : [calls]) } })
    .expects('plain', 'none', 1)
    .expectsNever('plain', 'pending or firing');
  return { 'seldom streamed': together([[told]]) };
}

/** What stands in place of too few calls where a quota is the whole. */
function fewCallsOfAQuota(limit: string, quota: number, adapter: amounts.Adapter): Scenario {
  const told = new Story('too few calls/m', 'm', levelsIn(QUOTAS))
    .goesOn({ minutes: 12, amounts: adapter(1.2, 1) })
    .expects('plain', 'critical', 1);
  const none = new Story('too few calls/no quota', 'no quota', levelsIn(QUOTAS))
    .goesOn({ minutes: 12, amounts: adapter(100, 500) })
    .expects('plain', 'none', 1)
    .expectsNever('plain', 'pending or firing');
  return together(
    [[told, { gauges: { [`model_quota{limit="${limit}"}`]: quota } }], [none]],
    'A quota of few calls is used up by few calls. A model without a quota is well however much it is called.',
  );
}

/** A quota of the account: two workspaces together exceed it, neither alone. */
function quotaOfAccount(limit: string, quota: number, adapter: amounts.Adapter): Record<string, Scenario> {
  const workspaces = ['one', 'two'].map((name) =>
    new Story(`account/${name}`, 'shared', levelsIn(QUOTAS))
      .goesOn({ minutes: 12, amounts: adapter(0.475, 100) })
      .expects('plain', 'none', 1)
      .expectsNever('plain', 'pending or firing'),
  );
  const account = new Story('*', 'shared', levelsIn(QUOTAS))
    .goesOn({ minutes: 12, amounts: {} })
    .expects('plain', 'error', 1)
    .expects('plain', 'none', 11);
  const other = new Story('*', 'unused', levelsIn(QUOTAS))
    .goesOn({ minutes: 12, amounts: {} })
    .expects('plain', 'none', 1);
  const gauges = { [`model_quota{limit="${limit}"}`]: quota };
  return {
    account: together([
      ...workspaces.map((told) => [told] as const),
      [account, { gauges, isNoWorkspace: true }],
      [other, { gauges, isNoWorkspace: true }],
    ]),
  };
}

/** Growth has no yesterday of a model that is born, but of a model whose new key is born it has. */
function bornToday(
  adapter: amounts.Adapter,
  value: number,
  thresholds: Thresholds,
  highest: 'critical' | 'error',
): Scenario {
  const levels = levelsIn(thresholds);
  const usual = adapter(1, 120);
  const much = adapter(value, 120);
  const model = new Story('born/model', 'model', levels)
    .goesOn({ minutes: GROWTH.lead, amounts: null })
    .goesOn({ minutes: 4, amounts: zero(much) })
    .goesOn({ minutes: 120, amounts: much })
    .expects('plain', 'none', 4)
    .expectsNever('plain', 'pending or firing');
  const key = new Story('born/key', 'key', levels)
    .goesOn({ minutes: GROWTH.lead, amounts: usual })
    .goesOn({ minutes: 4, amounts: { ...usual, ...zero(amounts.ofKey('new', much)) } })
    .goesOn({ minutes: 120, amounts: { ...usual, ...amounts.ofKey('new', much) } })
    .expects('plain', highest, 4);
  return together(
    [[model], [key]],
    'A model born today has no yesterday to grow from: nothing is said. A key born today on an old model counts.',
  );
}

/** Growth from next to nothing is no growth: there is a least baseline, beside the least number of calls. */
function smallBaseline(
  ofUsual: (usual: number) => amounts.Adapter,
  least: number,
  value: number,
  thresholds: Thresholds,
): Scenario {
  const levels = levelsIn(thresholds);
  const highest = levels.at(-1) ?? 'none';
  const grown = (model: string, usual: number, calls: number) => {
    const adapter = ofUsual(usual);
    return new Story(`too few calls/${model}`, model, levels)
      .goesOn({ minutes: GROWTH.lead, amounts: adapter(1, calls) })
      .goesOn({ minutes: 80, amounts: adapter(value, calls) });
  };
  const small = grown('small', (least * 0.9) / 60, 120)
    .expects('plain', 'none', 4)
    .expectsNever('plain', 'pending or firing');
  const enough = grown('enough', (least * 1.1) / 60, GROWTH.calls.enough).expects('plain', highest, 4);
  const few = grown('few', (least * 1.1) / 60, GROWTH.calls.few)
    .expects('plain', 'none', 4)
    .expectsNever('plain', 'pending or firing');
  return together(
    [[small], [enough], [few]],
    'Beside too few calls there is too little yesterday: 10,000 tokens in the hour are the least.',
  );
}

const FAILURE_RATE = { normal: 0.01, warning: 0.05, error: 0.1, critical: 0.25 };
const FIRST_TOKEN = { warning: 5, error: 10, critical: 30 };
const TIME_PER_TOKEN = { warning: 0.1, error: 0.2, critical: 0.5 };
const SURGE = { normal: 2, warning: 3, error: 5, critical: 10 };
const CACHE = { normal: 0.8, warning: 0.6, error: 0.3 };

export const TEMPLATE_CASES: Readonly<Record<string, TemplateCase>> = {
  'failure-rate': ratioCase({
    ...FIVE_MINUTES,
    thresholds: FAILURE_RATE,
    adapter: amounts.failures(KINDS, []),
    largest: 0.95,
    well: 0.004,
    more: mostlyCancelled(FAILURE_RATE),
  }),
  'rate-limiting': ratioCase({
    ...FIVE_MINUTES,
    thresholds: { warning: 0.02, error: 0.1, critical: 0.3 },
    adapter: amounts.failures(
      ['rate_limited'],
      KINDS.filter((kind) => kind !== 'rate_limited'),
    ),
    largest: 0.95,
    well: 0.01,
  }),
  'server-errors': ratioCase({
    ...FIVE_MINUTES,
    thresholds: { warning: 0.02, error: 0.05, critical: 0.2 },
    adapter: amounts.failures(
      ['server_error'],
      KINDS.filter((kind) => kind !== 'server_error'),
    ),
    largest: 0.95,
    well: 0.01,
  }),
  'content-moderation': ratioCase({
    ...QUARTER,
    thresholds: { normal: 0.01, warning: 0.05, error: 0.2 },
    adapter: amounts.failures(
      ['content_moderation'],
      KINDS.filter((kind) => kind !== 'content_moderation'),
    ),
    largest: 0.95,
    well: 0.005,
  }),
  timeouts: ratioCase({
    ...FIVE_MINUTES,
    thresholds: { warning: 0.02, error: 0.05, critical: 0.15 },
    adapter: amounts.timeouts,
    largest: 0.95,
    well: 0.01,
  }),
  'cancelled-calls': ratioCase({
    ...QUARTER,
    thresholds: { warning: 0.1, error: 0.3 },
    adapter: amounts.cancelled,
    largest: 0.95,
    well: 0.04,
  }),
  'first-token-latency': ratioCase({
    ...TEN_MINUTES,
    thresholds: FIRST_TOKEN,
    adapter: amounts.firstTokenP95,
    well: 1.2,
    more: seldomStreamed(FIRST_TOKEN, amounts.firstTokenP95, 40),
  }),
  'call-duration': ratioCase({
    ...QUARTER,
    thresholds: { warning: 60, error: 120, critical: 300 },
    adapter: amounts.callDurationP95,
    well: 12,
  }),
  'time-per-token': ratioCase({
    ...TEN_MINUTES,
    thresholds: TIME_PER_TOKEN,
    adapter: amounts.timePerToken,
    well: 0.04,
    more: seldomStreamed(TIME_PER_TOKEN, amounts.timePerToken, 1),
  }),
  'rpm-quota': ratioCase({
    ...TWO_MINUTES,
    thresholds: QUOTAS,
    adapter: amounts.quotaOfCalls(RPM),
    well: 0.3,
    gauges: { 'model_quota{limit="rpm"}': RPM, 'model_quota{limit="tpm"}': 1 },
    scenarios: { 'too few calls': fewCallsOfAQuota('rpm', 1, amounts.quotaOfCalls(1)) },
    more: quotaOfAccount('rpm', RPM, amounts.quotaOfCalls(RPM)),
  }),
  'tpm-quota': ratioCase({
    ...TWO_MINUTES,
    thresholds: QUOTAS,
    adapter: amounts.quotaOfTokens(TPM),
    well: 0.3,
    gauges: { 'model_quota{limit="tpm"}': TPM, 'model_quota{limit="rpm"}': 1 },
    scenarios: { 'too few calls': fewCallsOfAQuota('tpm', 100, amounts.quotaOfTokens(100)) },
    more: quotaOfAccount('tpm', TPM, amounts.quotaOfTokens(TPM)),
  }),
  'token-surge': ratioCase({
    ...GROWTH,
    thresholds: SURGE,
    adapter: amounts.timesTokens(6_000),
    well: 1,
    spike: { minutes: 4, value: 40 },
    scenarios: {
      'too few calls': smallBaseline(amounts.timesTokens, 10_000, 12, SURGE),
      born: bornToday(amounts.timesTokens(6_000), 12, SURGE, 'critical'),
    },
  }),
  'daily-budget': budgetCase({ normal: 0.5, warning: 0.8, error: 1, critical: 1.5 }),
  'usage-per-call': ratioCase({
    ...HALF_HOUR,
    thresholds: { normal: 16_000, warning: 32_000, error: 64_000 },
    adapter: amounts.tokensOfCall,
    well: 4_000,
  }),
  'no-traffic': idleCase({ warning: 1800, error: 7200 }),
  'cache-share': ratioCase({
    ...GROWTH,
    thresholds: CACHE,
    adapter: amounts.timesCached(6_000),
    isFalling: true,
    well: 1.2,
    spike: { minutes: 28, value: 0 },
    scenarios: {
      'too few calls': smallBaseline(amounts.timesCached, 10_000, 0.2, CACHE),
      born: bornToday(
        // A key that caches nothing, beside one that does as usual.
        (value, calls) => amounts.timesCached(value === 1 ? 6_000 : 60_000)(value === 1 ? 1 : 0.1, calls),
        0.1,
        CACHE,
        'error',
      ),
    },
  }),
};
