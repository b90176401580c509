import { dataLink, ofRow } from '../frame/links.js';
import { type Column, table } from '../panels/table.js';
import { withEmptyCells } from '../panels/table-links.js';
import { over, rounded, sum, total } from '../query/expressions.js';
import { BY_KEY, BY_MODEL, CALLS, COST, part, UNPRICED, usage } from './amounts.js';

/** A row for each API key. */
export function keys() {
  return withEmptyCells(
    table({
      title: 'By API key',
      description:
        'Each API key of each workspace over the time range, dearest first; cost in the chosen currency. others: the record named none. Click a key for its calls or its course.',
      width: 24,
      height: 10,
      sortedBy: ['Cost', 'Tokens'],
      columns: [
        { title: 'API key', of: { label: 'apikey_id' }, links: linksOf('apikey') },
        { title: 'Workspace', of: { label: 'workspace_id' }, width: 130 },
        ...numbers(BY_KEY),
      ],
    }),
  );
}

/** A row for each model. */
export function models() {
  const unpriced: Column = {
    title: 'Without a price',
    of: {
      expr: `${rounded(total(UNPRICED, BY_MODEL))} > 0 and on (workspace_id, model) ${sum(over(CALLS, 'range'), BY_MODEL)}`,
    },
    width: 120,
    unit: 'short',
  };
  return withEmptyCells(
    table({
      title: 'By model',
      description:
        'Each model of each workspace over the time range, dearest first; cost in the chosen currency. Click a model for its calls or its course.',
      width: 24,
      height: 10,
      sortedBy: ['Cost', 'Tokens'],
      columns: [
        { title: 'Model', of: { label: 'model' }, links: linksOf('model') },
        { title: 'Workspace', of: { label: 'workspace_id' }, width: 130 },
        ...numbers(BY_MODEL),
        unpriced,
      ],
    }),
  );
}

function numbers(by: typeof BY_KEY | typeof BY_MODEL): Column[] {
  const amount = (title: string, expr: string): Column => ({ title, of: { expr }, width: 90, unit: 'short' });
  const percent = (title: string, expr: string): Column => ({
    title,
    of: { expr },
    width: 100,
    unit: 'percentunit',
    decimals: 1,
  });
  const cost: Column[] = [
    { title: 'Cost', of: { expr: total(COST, by) }, width: 110, unit: 'short' },
    percent('Share of cost', `${sum(over(COST, 'range'), by)} / on () group_left () (${sum(over(COST, 'range'))} > 0)`),
  ];
  return [
    ...cost,
    amount('Calls', rounded(total(CALLS, by))),
    amount('Tokens', total(usage('total_tokens'), by)),
    amount('Input', total(usage('input_tokens'), by)),
    amount('Output', total(usage('output_tokens'), by)),
    percent('From caches', part('cache_tokens', 'input_tokens', 'range', by)),
    percent('Reasoning', part('reasoning_tokens', 'output_tokens', 'range', by)),
  ];
}

function linksOf(variable: 'apikey' | 'model') {
  const set = {
    workspace: ofRow('workspace_id'),
    [variable]: ofRow(variable === 'apikey' ? 'apikey_id' : 'model'),
  };
  return [dataLink('Log', 'inference-logs', { set }), dataLink('Monitor', 'model-monitor', { set })];
}
