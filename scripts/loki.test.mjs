import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findLoki } from './loki.mjs';

/** @type {string} */
let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-observation-find-loki-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** @param {string} name */
function program(name) {
  const path = join(folder, name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

test('the program on PATH', () => {
  mkdirSync(join(folder, 'empty'));
  const path = program('loki');
  expect(findLoki({ PATH: [join(folder, 'empty'), folder].join(delimiter) })).toBe(path);
});

test('a folder of that name is no program', () => {
  mkdirSync(join(folder, 'loki'));
  expect(findLoki({ PATH: folder })).toBeUndefined();
});

test('LOKI_BINARY goes first', () => {
  program('loki');
  const named = program('loki-3.7.6');
  expect(findLoki({ PATH: folder, LOKI_BINARY: named })).toBe(named);
  expect(findLoki({ PATH: folder, LOKI_BINARY: '' })).toBe(join(folder, 'loki'));
});

test('LOKI_BINARY that names nothing is said, not passed over', () => {
  expect(() => findLoki({ PATH: folder, LOKI_BINARY: join(folder, 'none') })).toThrow('which is no program');
});
