import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CompiledFile } from './alerts-compile.js';
import { checkWithTool } from './check-tools.js';

let cwd: string;
const PATH = '/usr/bin:/bin';

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'check-tools-'));
  mkdirSync(join(cwd, 'alertmanager', 'templates'), { recursive: true });
});
afterEach(() => rmSync(cwd, { recursive: true }));

function file(kind: CompiledFile['kind']): CompiledFile {
  const name = kind === 'rules' ? 'rules/alerts.yml' : 'alertmanager/alertmanager.yml';
  return { kind, name, path: join(cwd, name), text: 'the text\n' };
}

/** A program in a folder of that name. */
function program(folder: string, name: string, script: string): string {
  mkdirSync(join(cwd, folder), { recursive: true });
  const path = join(cwd, folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return join(cwd, folder);
}

test('promtool on PATH reads the text, which is in no file of ours', () => {
  const folder = program('bin', 'promtool', `echo "$1 $2" > ${cwd}/args; cat "$3" > ${cwd}/read`);
  const checked = checkWithTool(file('rules'), { env: { PATH: `${folder}:${PATH}` }, cwd });
  expect(checked).toEqual({ outcome: 'good', says: 'rules/alerts.yml: promtool has nothing to say against it' });
  expect(readFileSync(join(cwd, 'args'), 'utf8')).toBe('check rules\n');
  expect(readFileSync(join(cwd, 'read'), 'utf8')).toBe('the text\n');
  expect(readdirSync(cwd)).not.toContain('rules');
});

test('amtool, unpacked by the scripts, finds the templates beside the file', () => {
  writeFileSync(join(cwd, 'alertmanager/templates/one.tmpl'), '');
  program('.tools/debian/usr/bin', 'amtool', `ls "$(dirname "$2")/templates" > ${cwd}/templates`);
  expect(checkWithTool(file('alertmanager'), { env: { PATH }, cwd })).toMatchObject({ outcome: 'good' });
  expect(readFileSync(join(cwd, 'templates'), 'utf8')).toBe('one.tmpl\n');
});

test('what it refuses is told by the name of our file', () => {
  const folder = program('bin', 'promtool', 'echo "$3: group 1 is bad" >&2; exit 1');
  expect(checkWithTool(file('rules'), { env: { PATH: `${folder}:${PATH}` }, cwd })).toEqual({
    outcome: 'bad',
    says: 'rules/alerts.yml: promtool refuses it:\n    rules/alerts.yml: group 1 is bad',
  });
});

test('the one that the variable names comes first', () => {
  const folder = program('bin', 'promtool', 'exit 1');
  const named = join(program('other', 'my-promtool', 'exit 0'), 'my-promtool');
  const env = { PATH: `${folder}:${PATH}`, PROMTOOL: named };
  expect(checkWithTool(file('rules'), { env, cwd }).outcome).toBe('good');
});

test('a variable that names none is a mistake, although another is on PATH', () => {
  const folder = program('bin', 'amtool', 'exit 0');
  const env = { PATH: `${folder}:${PATH}`, AMTOOL: '/nonexistent/amtool' };
  expect(checkWithTool(file('alertmanager'), { env, cwd })).toEqual({
    outcome: 'bad',
    says: 'AMTOOL names /nonexistent/amtool, which is no program',
  });
});

test('none at all: said plainly, and no failure', () => {
  expect(checkWithTool(file('rules'), { env: { PATH: join(cwd, 'alertmanager') }, cwd })).toEqual({
    outcome: 'missing',
    says: 'rules/alerts.yml: not checked by promtool, which is not here. Put it on PATH, or name it in PROMTOOL.',
  });
});
