import { describe, expect, test } from 'vitest';
import { MAX_LABEL_LENGTH } from '../call/label-value.js';
import { RecordProblem } from '../call/record.js';
import { IdHash } from '../spool/id-hash.js';
import { type Caller, Callers } from './caller.js';

const SECRET = 'sk-5f2e9c0d7b1a4f6e8c3d2b1a0f9e8d7c';

function callers(aliases: Record<string, string> = {}, key = 1): Callers {
  return new Callers({
    idHash: new IdHash(Buffer.alloc(8, 7)),
    secretKey: Buffer.alloc(32, key),
    apikeyAliases: new Map(Object.entries(aliases)),
    monitoring: { default: 'advanced', workspaces: new Map([['sandbox', 'basic']]) },
  });
}

function find(of: Callers, workspace: string, model: string, apikey: string): Caller {
  const caller = of.find(workspace, model, apikey);
  if (caller instanceof RecordProblem) throw new Error(`${caller.field} ${caller.message}`);
  return caller;
}

test('what a record does not say has a name', () => {
  expect(find(callers(), '', 'm', '')).toMatchObject({
    workspace: 'default',
    model: 'm',
    apikey: 'others',
  });
});

test('how a workspace is watched', () => {
  expect(find(callers(), 'sandbox', 'm', '').monitoring).toBe('basic');
  expect(find(callers(), 'Sandbox', 'm', '').monitoring).toBe('advanced');
});

test('the value that stands for what was folded cannot be brought', () => {
  const of = callers();
  for (const [place, field] of ['workspace_id', 'model', 'apikey_id'].entries()) {
    const [workspace = '', model = '', apikey = ''] = ['w', 'm', 'k'].with(place, '__overflow__');
    expect(of.find(workspace, model, apikey)).toMatchObject({ field, message: expect.stringContaining('is kept for') });
  }
});

test('the second time it is the same object', () => {
  const of = callers();
  expect(find(of, 'w', 'm', 'k')).toBe(find(of, 'w', 'm', 'k'));
  // Put together, these read the same.
  const others = [find(of, 'wm', '', 'k'), find(of, 'w', 'mk', ''), find(of, '', 'wm', 'k')];
  expect(new Set(others.map(({ workspace, model, apikey }) => `${workspace} ${model} ${apikey}`)).size).toBe(3);
});

test('ids are unique within a workspace: two workspaces, two seeds; one workspace, one seed', () => {
  const of = callers();
  const seed = ({ seedLow, seedHigh }: Caller): string => `${seedLow}:${seedHigh}`;
  expect(seed(find(of, 'a', 'm', 'k'))).toBe(seed(find(of, 'a', 'n', 'l')));
  expect(seed(find(of, '', 'm', 'k'))).toBe(seed(find(of, 'default', 'm', 'k')));
  expect(seed(find(of, 'a', 'm', 'k'))).not.toBe(seed(find(of, 'b', 'm', 'k')));
});

describe('a secret sent as key id', () => {
  test('becomes a hash that stays the same with the same hash key, and says nothing without it', () => {
    const hidden = find(callers(), 'w', 'm', SECRET).apikey;
    expect(hidden).toMatch(/^key-[0-9a-f]{16}$/);
    expect(find(callers(), 'other', 'n', SECRET).apikey).toBe(hidden);
    expect(find(callers(), 'w', 'm', `${SECRET}x`).apikey).not.toBe(hidden);
    expect(find(callers({}, 2), 'w', 'm', SECRET).apikey).not.toBe(hidden);
  });

  test('has the name that the configuration gives it, by the secret itself or by its hash', () => {
    const hidden = find(callers(), 'w', 'm', SECRET).apikey;
    expect(find(callers({ [SECRET]: 'checkout' }), 'w', 'm', SECRET).apikey).toBe('checkout');
    expect(find(callers({ [hidden]: 'checkout' }), 'w', 'm', SECRET).apikey).toBe('checkout');
  });

  test('stands nowhere in what becomes of it', () => {
    const caller = find(callers(), 'w', 'm', SECRET);
    expect(JSON.stringify({ ...caller, labels: Buffer.from(caller.labels).toString() })).not.toContain(SECRET.slice(3));
  });
});

test('an alias is looked up by the whole key id, and only there', () => {
  const of = callers({ k1: 'checkout', others: 'unnamed', constructor: 'c' });
  expect(find(of, 'w', 'm', 'k1').apikey).toBe('checkout');
  expect(find(of, 'w', 'm', 'k').apikey).toBe('k');
  expect(find(of, 'k1', 'k1', 'k2')).toMatchObject({ workspace: 'k1', model: 'k1', apikey: 'k2' });
  expect(find(of, 'w', 'm', '').apikey).toBe('unnamed');
  expect(find(callers(), 'w', 'm', 'constructor').apikey).toBe('constructor');
});

test('labels are bounded, and quoted where they need it', () => {
  const long = find(callers(), 'w'.repeat(5000), 'm'.repeat(5000), 'two words '.repeat(500));
  for (const value of [long.workspace, long.model, long.apikey]) expect(value).toHaveLength(MAX_LABEL_LENGTH);
  const odd = find(callers(), 'a"b', 'c\\d', '\n');
  expect(JSON.parse(`{"id":1${Buffer.from(odd.labels).toString()}}`)).toEqual({
    id: 1,
    workspace_id: 'a"b',
    model: 'c\\d',
    apikey_id: '\n',
  });
});

test.each([
  ['workspace_id', '\ud800', 'm', 'k'],
  ['model', 'w', 'm\udc00', 'k'],
  ['apikey_id', 'w', 'm', 'k\ud800k'],
])('half a surrogate pair in %s is refused, each time', (field, workspace, model, apikey) => {
  const of = callers();
  for (let time = 0; time < 2; time += 1) {
    expect(of.find(workspace, model, apikey)).toMatchObject({ field, message: expect.stringContaining('surrogate') });
  }
});

test('what is remembered is bounded, in number and in length', () => {
  const of = callers();
  const first = find(of, 'w', 'm', 'k');
  for (let i = 0; i < 19_999; i += 1) of.find('w', 'm', `k${i}`);
  expect(find(of, 'w', 'm', 'k')).toBe(first);
  of.find('w', 'm', 'one more');
  const again = find(of, 'w', 'm', 'k');
  expect(again).not.toBe(first);
  expect(again).toEqual(first);

  const long = 'm'.repeat(100_000);
  expect(find(of, 'w', long, 'k')).not.toBe(find(of, 'w', long, 'k'));
  expect(find(of, 'w', long, 'k')).toEqual(find(of, 'w', long, 'k'));
});
