import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from './alerts-write.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alerts-write-'));
  path = join(folder, 'rules', 'alerts.yml');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a new file in a new folder, for others to read', () => {
  const umask = process.umask(0o022);
  writeWhole({ path, text: 'new' });
  process.umask(umask);
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o644);
  expect(readdirSync(join(folder, 'rules'))).toEqual(['alerts.yml']);
});

test('another file in the place of the old one, with its mode: who reads the old one goes on reading it', () => {
  writeWhole({ path, text: 'old' });
  chmodSync(path, 0o600);
  const before = statSync(path).ino;
  writeWhole({ path, text: 'new' });
  expect(statSync(path).ino).not.toBe(before);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('what a crash left half written is no obstacle', () => {
  mkdirSync(join(folder, 'rules'));
  writeFileSync(`${path}.tmp`, 'half');
  writeWhole({ path, text: 'whole' });
  expect(readFileSync(path, 'utf8')).toBe('whole');
  expect(existsSync(`${path}.tmp`)).toBe(false);
});

test('a link stays one: the file that it names is written', () => {
  mkdirSync(join(folder, 'rules'));
  const real = join(folder, 'real.yml');
  writeFileSync(real, 'old');
  symlinkSync(real, path);
  writeWhole({ path, text: 'new' });
  expect(readFileSync(real, 'utf8')).toBe('new');
});

test('where it cannot be written the old one is there, and nothing half written', () => {
  mkdirSync(path, { recursive: true });
  expect(() => writeWhole({ path, text: 'new' })).toThrow();
  expect(readdirSync(join(folder, 'rules'))).toEqual(['alerts.yml']);
});
