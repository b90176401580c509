import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ConfigError } from '../../config/config-error.js';
import { loadAlerts } from './load-alerts.js';
import { OFFICIAL } from './testdata/official.js';

/*
 * Each file in testdata/mistakes has one thing wrong with it, which its name says; the lines that begin with #|
 * are the message that it must be refused with.
 */

const FOLDER = fileURLToPath(new URL('testdata/mistakes', import.meta.url));
const SECRET = /5f2e9c0d7b1a4f6e/;

function refusal(file: string): string {
  try {
    const surroundings = { monitoring: { default: 'advanced', workspaces: new Map() }, quotas: [] } as const;
    loadAlerts({ file, cwd: FOLDER, officialTemplates: OFFICIAL, pricing: { models: new Map() }, ...surroundings });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  return 'not refused';
}

test.each(readdirSync(FOLDER))('refused: %s', (file) => {
  const lines = readFileSync(join(FOLDER, file), 'utf8').split('\n');
  const expected = lines.filter((line) => line.startsWith('#| ')).map((line) => line.slice(3));
  const message = refusal(file);
  expect(message).toBe(expected.join('\n'));
  expect(message).not.toMatch(SECRET);
});
