import { describe, expect, test } from 'vitest';
import { ConfigError } from '../config/config-error.js';
import { DataDirectoryError } from '../spool/data-directory.js';
import { DirectoryInUseError } from '../spool/lock.js';
import { NewerSegmentError } from '../spool/segment.js';
import { explain, serve } from './serve.js';

const SET_LISTEN = 'et listen (MODEL_OBSERVATION_LISTEN) to';

function systemError(fields: Record<string, unknown>): Error {
  return Object.assign(new Error(`${fields.code}: as the system says it`), fields);
}

describe('what a start that failed leaves on the terminal', () => {
  test.each([
    new ConfigError([
      { file: 'a.yml', line: 1, column: 2, key: 'listen', found: 'found "x"', allowed: null, hint: 'Do this.' },
    ]),
    new DirectoryInUseError('/data', 'process 7'),
    new DataDirectoryError('The data directory /data cannot be used (EACCES). Do this.'),
    new NewerSegmentError('/data/segments/1.seg', 9),
  ])('an error that says what to do stands there alone: $name', (error) => {
    expect(explain(error)).toBe(error.message);
  });

  test.each<[Record<string, unknown>, string]>([
    [
      { code: 'EADDRINUSE', syscall: 'listen', address: '127.0.0.1', port: 9490 },
      `Port 9490 on 127.0.0.1 is taken by another process. Stop it, or s${SET_LISTEN} another address.`,
    ],
    [
      { code: 'EACCES', syscall: 'listen', address: '127.0.0.1', port: 80 },
      `This user may not listen on port 80. S${SET_LISTEN} a port above 1023.`,
    ],
    [
      { code: 'EADDRNOTAVAIL', syscall: 'listen', address: '203.0.113.7', port: 9490 },
      `203.0.113.7 is no address of this machine. S${SET_LISTEN} one that is.`,
    ],
    [
      { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'nowhere' },
      `The name nowhere has no address. S${SET_LISTEN} a name that has one, or an IP address.`,
    ],
    [
      { code: 'ENOSPC', syscall: 'write' },
      'The disk of the data directory is full (ENOSPC: as the system says it). Free some space, or set data_dir (MODEL_OBSERVATION_DATA_DIR) to another disk.',
    ],
  ])('a refusal of the system: what to do, and no stack (%j)', (fields, text) => {
    expect(explain(systemError(fields))).toBe(text);
  });

  test.each([
    new Error('boom'),
    new TypeError('x is not a function'),
    systemError({ code: 'EIO', syscall: 'read' }),
    systemError({ code: 'EACCES', syscall: 'open' }),
  ])('a surprise comes with its stack: $message', (error) => {
    expect(explain(error)).toBe(error.stack);
    expect(explain(error)).toContain('serve.test.ts');
  });
});

test.each([[['--config']], [['--config', '']], [['--confg', 'a']], [['a.yml']]])(
  'wrong usage: exit code 2 (%j)',
  async (args) => {
    const written = { stdout: '', stderr: '' };
    const out = {
      stdout: { write: (text: string) => (written.stdout += text) },
      stderr: { write: (text: string) => (written.stderr += text) },
    };
    expect(await serve(args, out)).toBe(2);
    expect(written).toEqual({
      stdout: '',
      stderr: expect.stringContaining('usage: model-observation serve [--config FILE]'),
    });
  },
);
