import { expect, test } from 'vitest';
import { recordFormat } from './content-type.js';

test.each([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['Application/JSON', 'json'],
  ['application/json; charset=utf-8', 'json'],
  ['application/json;charset=UTF-8', 'json'],
  ['application/json ; charset="utf-8"', 'json'],
  ['application/x-ndjson; charset=utf8', 'ndjson'],
  ['application/json; profile=x; charset=utf-8', 'json'],
  ['application/json;', 'json'],
] as const)('%s is %s', (header, format) => {
  expect(recordFormat(header)).toBe(format);
});

test.each([
  undefined,
  '',
  ';',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json; charset=latin1',
  'application/json; charset',
  'application/json; charset=',
  'application/jsonx',
  'application/problem+json',
  'application/json, text/plain',
])('%s is neither', (header) => {
  expect(recordFormat(header)).toBeNull();
});
