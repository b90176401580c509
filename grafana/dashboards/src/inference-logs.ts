import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { COLOURS_OF_VALUES, thresholdsOf } from './frame/colours.js';
import { dashboard } from './frame/dashboard.js';
import { choiceVariable, labelVariable, oneOfVariable, textVariable } from './frame/further-variables.js';
import { dataLink, ofRow, ofSeries } from './frame/links.js';
import { filterVariables, lokiVariable, prometheusVariable } from './frame/variables.js';
import { bars } from './panels/bars.js';
import { logCounts } from './panels/log-counts.js';
import { logList } from './panels/log-list.js';
import { logTable } from './panels/log-table.js';
import { text } from './panels/text.js';
import { chosenCalls, countOfCalls, FAILURES, OUTCOMES, oneCall, readable } from './query/call-log.js';
import { logSeries } from './query/query.js';

/** Every call is in the audit log; those whose content is kept are in the inference log as well. */
const LOGS = {
  'audit: every call': 'audit',
  'inference: with content': 'inference',
  'inference, long contents whole': 'inference|inference_part',
};

/** Milliseconds, by what people choose. */
const SLOW = { '10 s': '10000', '1 s': '1000', '5 s': '5000', '30 s': '30000', '1 min': '60000', '5 min': '300000' };

/** What links of the dashboard to itself keep, beside the filters. */
const CHOSEN = ['loki', 'log', 'text', 'slow_from'];

/** The id of the panel `Call $call_id`: the sections and panels before it are counted. */
const ONE_CALL = 7;

const ERRORS = 'model_call_errors_total{workspace_id=~"$workspace", model=~"$model", apikey_id=~"$apikey"}';

/** The calls themselves: how many of each outcome, and each with what was asked and answered. */
export function inferenceLogs(): Dashboard {
  return dashboard({
    uid: 'inference-logs',
    description: 'The calls themselves: from a spike to the calls in it, and to what was said in one of them.',
    from: 'now-1h',
    variables: [
      prometheusVariable(),
      lokiVariable(),
      oneOfVariable('log', 'Log', LOGS),
      ...filterVariables(),
      choiceVariable('outcome', 'Outcome', OUTCOMES),
      choiceVariable('failure', 'Failure', FAILURES),
      labelVariable('status_code', 'Status', ERRORS, 'status_code'),
      labelVariable('error_code', 'Error code', ERRORS, 'error_code'),
      textVariable('call_id', 'Call id'),
      textVariable('text', 'Text'),
      oneOfVariable('slow_from', 'Slow from', SLOW),
    ],
    sections: [
      { panels: [volume(), errorCodes()] },
      { panels: [list()] },
      { heading: 'Slowest first', panels: [slowCalls()] },
      { heading: 'One call', panels: [oneCallPanel(), wholeCall()] },
    ],
  });
}

function volume() {
  return bars({
    title: 'Calls by outcome',
    description:
      'Entries of the chosen log over time, by how the calls ended: an entry stands at the end of its call. Drag over a spike to see the calls in it. Of long contents each part is an entry.',
    width: 16,
    height: 8,
    unit: 'short',
    counted: 'before',
    queries: [logSeries(countOfCalls(chosenCalls(), ['outcome'], '$__auto'), '{{outcome}}')],
    links: [
      dataLink('Only these', 'inference-logs', { set: { outcome: ofSeries('outcome') }, keep: CHOSEN }),
      dataLink('Monitor', 'model-monitor'),
    ],
  })
    .maxDataPoints(120)
    .interval('10s')
    .noValue('No entry matches');
}

function errorCodes() {
  const failed = chosenCalls({ outcome: 'failure' });
  return logCounts({
    title: 'Top error codes',
    description:
      'The failed calls of the time range by status and error code of the provider, the 10 with most calls. Click one for its calls.',
    width: 8,
    height: 8,
    unit: 'short',
    expr: `sort_desc(topk(10, ${countOfCalls(failed, ['status_code', 'error_code'], '$__range')}))`,
    labels: [
      { of: 'status_code', title: 'Status', width: 70 },
      { of: 'error_code', title: 'Error code' },
    ],
    count: 'Calls',
    colour: COLOURS_OF_VALUES.failure!,
    links: [
      dataLink('Calls with this error', 'inference-logs', {
        set: { outcome: 'failure', status_code: ofRow('status_code'), error_code: ofRow('error_code') },
        keep: CHOSEN,
      }),
    ],
    nothing: 'No failures',
  });
}

function list() {
  return logList({
    title: 'Calls',
    description:
      'The newest 200 of the chosen calls: model, outcome, status, duration, tokens in and out, the start of what was asked last (▸) and of the answer (◂), as far as the chosen log has content. Click one for all that is known of it; from its trace id go to the other calls of its trace.',
    width: 24,
    height: 16,
    expr: readable(chosenCalls()),
    most: 200,
    nothing:
      'No entry matches. Are logs switched on for the workspace (docs/guides/logs.md)? Content is in the log "inference" alone.',
  });
}

function slowCalls() {
  return logTable({
    title: 'Slow calls',
    description:
      'The newest 200 of the chosen calls that took at least as long as "Slow from" says, slowest first, with their input and output tokens. Click an id for the call, a model for its monitor.',
    width: 24,
    height: 9,
    // Tokens that come late are another matter than a late first token, so both times are there.
    expr: `${chosenCalls()} | duration_ms >= $slow_from`,
    most: 200,
    sortedBy: 'Duration',
    nothing: 'No call took that long',
    columns: [
      {
        title: 'Model',
        of: 'model',
        links: [
          dataLink('Monitor', 'model-monitor', {
            set: { workspace: ofRow('workspace_id'), model: ofRow('model') },
          }),
        ],
      },
      {
        title: 'Call id',
        of: 'call_id',
        width: 190,
        links: [
          dataLink('This call', 'inference-logs', {
            set: { workspace: ofRow('workspace_id'), call_id: `\${__value.raw:percentencode}` },
            panel: ONE_CALL,
            keep: CHOSEN,
            // In the same page Grafana gives up the query when the variable and the panel change at once.
            isNewTab: true,
          }),
        ],
      },
      { title: 'Workspace', of: 'workspace_id', width: 110 },
      { title: 'API key', of: 'apikey_id', width: 140 },
      { title: 'Outcome', of: 'outcome', width: 85, mappings: [outcomeMapping()] },
      { title: 'Duration', of: 'duration_ms', isNumber: true, unit: 'ms', width: 90, thresholds: inMilliseconds() },
      { title: 'First token', of: 'first_token_ms', isNumber: true, unit: 'ms', width: 95 },
      { title: 'Input', of: 'input_tokens', isNumber: true, unit: 'short', width: 75 },
      { title: 'Output', of: 'output_tokens', isNumber: true, unit: 'short', width: 75 },
    ],
  });
}

function outcomeMapping() {
  const options = Object.fromEntries(
    OUTCOMES.map((outcome, index) => [outcome, { color: COLOURS_OF_VALUES[outcome], index }]),
  );
  return { type: 'value', options } as never;
}

function inMilliseconds() {
  const { mode, steps } = thresholdsOf('call-duration');
  return {
    mode,
    steps: steps.map(({ value, color }) => ({
      value: value === null ? null : value * 1000,
      color: value === null ? 'text' : color,
    })),
  };
}

function oneCallPanel() {
  return logList({
    title: 'Call $call_id',
    description:
      'The entries of the call whose id stands in "Call id", whole, as JSON. Of content that is too long for one entry there are its first 32 KB; the command beside it fetches all.',
    width: 16,
    height: 14,
    expr: oneCall(),
    most: 10,
    isPretty: true,
    nothing: 'Put the id of a call into "Call id": click one among the slow calls, or copy it from an opened entry',
  });
}

function wholeCall() {
  return text({
    title: 'A call whole',
    description: 'The command that puts a call together again, also where its content was cut into parts.',
    width: 8,
    height: 14,
    content: [
      '**To see a call** beside this, click an id among the slow calls, or put it into *Call id* above.',
      '',
      'Content over 200 KB is cut into parts. This puts it together again:',
      '',
      '```sh',
      '# any call, by its id',
      'model-observation logs get ID',
      '# its request and response alone',
      'model-observation logs get ID --content-only > call.json',
      '# the one that is chosen',
      'model-observation logs get $call_id',
      '```',
      '',
      'In the repository: `npm run cli -- logs get ID`. Add `--workspace ID` where several workspaces use the same ids, and',
      '`--since 24h` to look further or less far back than 7 days.',
      '',
      '**A call is not here?**',
      '',
      '- Its workspace has no logs, or no inference log: choose the log *audit*.',
      '- A call stands at its **end**; one whose record came late stands at its arrival.',
      '- It waits for Loki still: see *Logs* in Exporter Health.',
      '',
      '**Text** is searched in the lines as they are stored, in any case of letters. Lines are JSON: a quotation mark is `\\"` there.',
      'Contents over 200 KB are searched with the log *inference, long contents whole*.',
    ].join('\n'),
  });
}
