import { expect, test } from 'vitest';
import { parseOptions, UsageError } from './options.js';

test('without options: about nine calls a second to this machine, a day in a quarter of an hour, until it is stopped', () => {
  expect(parseOptions([])).toEqual({
    url: new URL('http://127.0.0.1:9490/v1/calls'),
    tokenFile: null,
    rate: 9,
    dayMs: 900_000,
    forMs: null,
    seed: '1',
  });
});

test('options are read', () => {
  const args = [
    '--url',
    'https://example.org/observation/',
    '--token-file',
    '/run/token',
    '--rate',
    '0.5',
    '--day',
    '20m',
  ];
  expect(parseOptions([...args, '--for', '1m30s', '--seed', 'tuesday'])).toEqual({
    url: new URL('https://example.org/observation/v1/calls'),
    tokenFile: '/run/token',
    rate: 0.5,
    dayMs: 1_200_000,
    forMs: 90_000,
    seed: 'tuesday',
  });
  expect(parseOptions(['--url', 'http://127.0.0.1:1/v1/calls'])!.url.pathname).toBe('/v1/calls');
  expect(parseOptions(['--help'])).toBeNull();
});

test.each([
  [['--rate', '0'], '--rate must be a number above 0'],
  [['--rate', '3000'], 'up to 2000'],
  [['--rate', 'fast'], 'not "fast"'],
  [['--day', '30s'], '--day must be a minute or more, not "30s"'],
  [['--day', '15'], '--day must be a time such as'],
  [['--for', '0s'], '--for must be a time such as'],
  [['--seed', ''], '--seed needs a text'],
  [['--token-file', ''], '--token-file needs a file'],
  [['--url', 'localhost:9490'], '--url must be an address such as'],
  [['--backfill'], "Unknown option '--backfill'"],
  [['calls.ndjson'], 'calls.ndjson'],
])('%j is wrong, and it is said how', (args, message) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
  expect(() => parseOptions(args)).toThrow(message);
});

test('a password in the address is not shown again', () => {
  const parse = (): unknown => parseOptions(['--url', 'http://user:secret@127.0.0.1']);
  expect(parse).toThrow('--token-file');
  expect(parse).not.toThrow(/secret/);
});
