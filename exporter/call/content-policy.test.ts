import { expect, test } from 'vitest';
import { ContentPolicy, type ContentRules } from './content-policy.js';

const MASKED: ContentRules = { default: 'masked', workspaces: new Map(), models: [], sampleRate: 1 };

test('a workspace is logged as it is named, the others by the default', () => {
  const workspaces = new Map([
    ['open', 'full'],
    ['quiet', 'metadata'],
    ['dark', 'off'],
  ] as const);
  const policy = new ContentPolicy({ ...MASKED, workspaces }, true);
  expect(['open', 'quiet', 'dark', 'any'].map((name) => policy.modeOf(name))).toEqual([
    'full',
    'metadata',
    'off',
    'masked',
  ]);
  expect(['open', 'quiet', 'dark', 'any'].map((name) => policy.wantsContent(name, 'm', '1'))).toEqual([
    true,
    false,
    false,
    true,
  ]);
});

test('without Loki nothing is logged, whatever is configured', () => {
  const policy = new ContentPolicy({ ...MASKED, default: 'full' }, false);
  expect(policy.modeOf('any')).toBe('off');
  expect(policy.wantsContent('any', 'm', '1')).toBe(false);
});

test('a list of models holds names and prefixes', () => {
  const policy = new ContentPolicy({ ...MASKED, models: ['qwen-max', 'gpt-*'] }, true);
  const wanted = ['qwen-max', 'qwen-max-latest', 'gpt-4o', 'gpt-', 'gpt'].map((model) =>
    policy.wantsContent('w', model, '1'),
  );
  expect(wanted).toEqual([true, false, true, true, false]);
  expect(new ContentPolicy({ ...MASKED, models: ['*'] }, true).wantsContent('w', 'any', '1')).toBe(true);
});

test.each([0, 0.01, 0.25, 0.5, 1])('of ids that count up a share of %d is sampled, the same ones each time', (rate) => {
  const sampled = (policy: ContentPolicy): string[] =>
    Array.from({ length: 20_000 }, (_, index) => `call-${index}`).filter((id) => policy.wantsContent('w', 'm', id));
  const first = sampled(new ContentPolicy({ ...MASKED, sampleRate: rate }, true));
  expect(Math.abs(first.length / 20_000 - rate)).toBeLessThan(0.02);
  expect(sampled(new ContentPolicy({ ...MASKED, sampleRate: rate }, true))).toEqual(first);
});

test('the same id in two workspaces is sampled in each for itself', () => {
  const policy = new ContentPolicy({ ...MASKED, sampleRate: 0.5 }, true);
  const ids = Array.from({ length: 200 }, (_, index) => `call-${index}`);
  expect(ids.some((id) => policy.wantsContent('a', 'm', id) !== policy.wantsContent('b', 'm', id))).toBe(true);
});
