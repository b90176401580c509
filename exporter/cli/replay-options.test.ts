import { expect, test } from 'vitest';
import { replay } from './replay.js';
import { parseReplay, REPLAY_USAGE } from './replay-options.js';

test('what is not said', () => {
  expect(parseReplay(['calls.ndjson'])).toEqual({
    file: 'calls.ndjson',
    url: new URL('http://127.0.0.1:9490/v1/calls'),
    tokenFile: null,
    batchRecords: 500,
    batchBytes: 4 * 2 ** 20,
    concurrency: 4,
    speed: null,
    rebase: false,
    giveUpAfterMs: 300_000,
    source: '',
    newIds: false,
    quiet: false,
    json: false,
  });
});

test.each([
  ['http://h:1', 'http://h:1/v1/calls'],
  ['https://h/base/', 'https://h/base/v1/calls'],
  ['http://h/v1/calls', 'http://h/v1/calls'],
])('--url %s', (url, full) => expect(parseReplay(['-', '--url', url])?.url.href).toBe(full));

test.each([
  [[], 'Which file?'],
  [['a', 'b'], 'One file at a time, not also "b".'],
  [['a', '--sped', '1'], "Unknown option '--sped'"],
  [['a', '--url', 'localhost:9490'], '--url must be an address such as http://127.0.0.1:9490, not "localhost:9490".'],
  [['a', '--url', 'http://me:secret@h'], 'No user in --url: use --token-file.'],
  [['a', '--batch', '0'], '--batch must be a whole number from 1 to 1000000, not "0".'],
  [['a', '--batch-bytes', '1GB'], '--batch-bytes must be a size up to 512MiB, not "1GB".'],
  [['a', '--concurrency', '65'], '--concurrency must be a whole number from 1 to 64, not "65".'],
  [['a', '--speed', '10x'], '--speed must be a number above 0, not "10x".'],
  [['a', '--speed', '0'], '--speed must be a number above 0, not "0".'],
  [['a', '--rebase', 'yesterday'], '--rebase must be now, not "yesterday".'],
  [['a', '--give-up-after', 'never'], '--give-up-after must be a time such as 30s or 1h30m, not "never".'],
  [['-', '--rebase', 'now'], '--rebase now needs to know the last call before it sends the first'],
])('wrong usage: exit code 2 (%j)', async (args, message) => {
  const written = { stdout: '', stderr: '' };
  const out = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
  };
  expect(await replay(args, out)).toBe(2);
  expect(written.stdout).toBe('');
  expect(written.stderr.startsWith(message)).toBe(true);
  expect(written.stderr.endsWith(`\n\n${REPLAY_USAGE}`)).toBe(true);
  expect(written.stderr).not.toContain('secret');
});

test('help: exit code 0', async () => {
  let stdout = '';
  expect(await replay(['--help'], { stdout: { write: (text) => (stdout += text) }, stderr: { write: () => {} } })).toBe(
    0,
  );
  expect(stdout).toBe(REPLAY_USAGE);
});

test('every option of the help is one', () => {
  const options = [...REPLAY_USAGE.matchAll(/^ {2}(--[a-z-]+)( [A-Za-z]+)? {2}/gm)];
  expect(options).toHaveLength(12);
  for (const [, option, value] of options) {
    const good =
      { '--rebase': 'now', '--url': 'http://h', '--batch-bytes': '1MiB', '--give-up-after': '1m' }[option!] ?? '2';
    expect(() => parseReplay(['a', option!, ...(value === undefined ? [] : [good])]), option).not.toThrow();
  }
});
