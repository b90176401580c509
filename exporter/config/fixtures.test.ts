import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ConfigError, Problems } from './config-error.js';
import { loadSettings } from './load.js';
import { readPriceList } from './price-list.js';
import { readYamlFile } from './yaml-file.js';

/*
 * Each file in testdata has one thing wrong with it, which its name says; the lines that begin with #|
 * are the message that it must be refused with.
 */

const FOLDER = fileURLToPath(new URL('testdata', import.meta.url));
const SECRET = /5f2e9c0d7b1a4f6e|1234567890123456|one-long-enough-word/;

function fixturesIn(folder: string): string[] {
  return readdirSync(join(FOLDER, folder))
    .filter((name) => /\.(yml|txt)$/.test(name))
    .map((name) => join(folder, name));
}

function expectedOf(path: string): string {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith('#| '))
    .map((line) => line.slice(3))
    .join('\n');
}

function configRefusal(name: string): string {
  try {
    loadSettings({ configFile: name, cwd: FOLDER, env: {} });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.replaceAll(FOLDER, '{folder}');
  }
  return 'not refused';
}

function priceListRefusal(name: string): string {
  const problems = new Problems();
  const tree = readYamlFile(join(FOLDER, name), name, problems);
  if (tree === 'missing') throw new Error(`${name} is missing`);
  readPriceList(tree, problems);
  return problems.none ? 'not refused' : new ConfigError(problems.list).message;
}

test.each([...fixturesIn(''), ...fixturesIn('not-yaml')])('configuration refused: %s', (name) => {
  const message = configRefusal(name);
  expect(message).toBe(expectedOf(join(FOLDER, name)));
  expect(message).not.toMatch(SECRET);
});

test.each(fixturesIn('pricing'))('price list refused: %s', (name) => {
  expect(priceListRefusal(name)).toBe(expectedOf(join(FOLDER, name)));
});
