import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alertmanagerCommand } from './alertmanager.mjs';

const ASSETS = '/usr/share/prometheus/alertmanager';
/** @type {string} */
let folder;
/** @type {string} */
let program;
/** @type {string} */
let system;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  mkdirSync(join(folder, 'usr', 'bin'), { recursive: true });
  program = join(folder, 'usr', 'bin', 'prometheus-alertmanager');
  writeFileSync(program, `\0one ${ASSETS}two ${ASSETS}/ui/\0three`, { mode: 0o755 });
  system = join(folder, 'of-the-system');
});
afterEach(() => rmSync(folder, { recursive: true }));

function unpackTemplates() {
  const share = join(folder, 'usr', 'share', 'prometheus');
  mkdirSync(join(share, 'alertmanager'), { recursive: true });
  writeFileSync(join(share, 'alertmanager', 'default.tmpl'), '');
  return share;
}

test('a program without files of its own is started as it is', () => {
  expect(alertmanagerCommand(program, system)).toEqual({ command: program, cwd: undefined });
});

test("so is the system's, whose files are where it looks", () => {
  unpackTemplates();
  mkdirSync(system);
  writeFileSync(join(system, 'default.tmpl'), '');
  expect(alertmanagerCommand(program, system)).toEqual({ command: program, cwd: undefined });
});

test('one that is only unpacked: a copy of the same length that looks in the folder it is started in', () => {
  const share = unpackTemplates();
  const { command, cwd } = alertmanagerCommand(program, system);
  expect(cwd).toBe(share);
  expect(statSync(command).mode & 0o777).toBe(0o755);
  const [before, after] = [program, command].map((path) => readFileSync(path, 'latin1'));
  expect(after).toHaveLength(before?.length ?? 0);
  const path = /one (\S+)two (\S+)\/ui\/\0three$/.exec(after ?? '');
  expect(path?.[1]).toBe(path?.[2]);
  expect(existsSync(join(share, path?.[1] ?? '', 'default.tmpl'))).toBe(true);
  expect(readFileSync(program, 'latin1')).toContain(ASSETS);
});

test('the copy is made once, and again after an update', () => {
  unpackTemplates();
  const { command } = alertmanagerCommand(program, system);
  writeFileSync(command, 'made before');
  alertmanagerCommand(program, system);
  expect(readFileSync(command, 'utf8')).toBe('made before');
  const later = new Date(Date.now() + 60_000);
  utimesSync(program, later, later);
  alertmanagerCommand(program, system);
  expect(readFileSync(command, 'utf8')).toContain('three');
});
