import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FrameReader } from '../spool/cursors/frame-reader.js';
import { nodeFiles } from '../spool/files.js';
import { FaultyFiles } from '../spool/testdata/faulty-files.js';
import { encodeFrame, encodeSegment, frame } from '../spool/testdata/frames.js';
import { cleanUp, flip, listOf, scratchFolder, ToySpool } from '../spool/testdata/toy-spool.js';
import { type VerifyReport, verifySpool } from '../spool/verify.js';
import { spoolVerify } from './spool-verify.js';

let dataDir: string;

beforeEach(async () => {
  // 3 and 4 are in a segment of their own; the snapshot covers up to 2.
  const toy = await ToySpool.open(undefined, { segmentBytes: 160 });
  await toy.sendEach('a', 'b');
  await toy.spool.snapshot();
  await toy.send('c');
  await toy.send('d', Buffer.from('what was said'));
  dataDir = toy.crash();
});
afterEach(cleanUp);

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const out = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
  };
  return { code: await spoolVerify(args, out), ...written };
}

const verify = () => run('--data-dir', dataDir);
const segment = (name: string) => path.join(dataDir, 'segments', name);
const FIRST = '0000000000000001.seg';
const SECOND = '0000000000000003.seg';

function everything(folder = dataDir): [string, string, number][] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((file) => [file, fs.readFileSync(file, 'hex'), fs.statSync(file).mtimeMs]);
}

test('an intact directory: what is in it, exit code 0', async () => {
  expect(await verify()).toEqual({
    code: 0,
    stdout:
      `${dataDir}\n` +
      `  ${FIRST}   2 frames, sequences 1 to 2, 164 bytes\n` +
      `  ${SECOND}   2 frames, sequences 3 to 4, 177 bytes\n` +
      '  0000000000000002.snap   up to sequence 2\n' +
      'intact\n',
    stderr: '',
  });
});

test('a damaged frame, exit code 1', async () => {
  flip(segment(FIRST), 60);
  const { code, stdout } = await verify();
  expect(code).toBe(1);
  expect(stdout).toContain(
    `  ${FIRST}   1 frames, sequences 2 to 2, 164 bytes\n    damaged: bytes 48 to 106 hold no intact frame\n`,
  );
  expect(stdout).toMatch(/\nNOT intact: .*\n$/);
});

test('damaged content, which recovery has no need to look at, is found too', async () => {
  flip(segment(SECOND), -1);
  const { code, stdout } = await verify();
  expect(code).toBe(1);
  expect(stdout).toContain('    damaged: frame 4: its content is damaged\n');
});

test('a torn tail is none of the damage', async () => {
  fs.truncateSync(segment(SECOND), 150);
  const { code, stdout } = await verify();
  expect(code).toBe(0);
  expect(stdout).toContain('    an unfinished last write of 44 bytes, never acknowledged: cut off at the next start\n');
});

test('a file that a crash left while making it is none of the damage either', async () => {
  fs.writeFileSync(segment('0000000000000005.seg'), 'MOSPOOL');
  expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining('   0 frames, empty, 7 bytes\n') });
});

test.each([
  ['torn', (end: Buffer) => end.subarray(0, 30)],
  ['damaged', (end: Buffer) => Buffer.concat([Buffer.from([9]), end])],
])('nor what a failed commit left at the end of a segment, %s', async (_, tail) => {
  fs.appendFileSync(segment(FIRST), tail(encodeFrame(frame(9))));
  expect(await verify()).toMatchObject({ code: 0 });
});

test('a damaged header', async () => {
  flip(segment(SECOND), 20);
  const { code, stdout } = await verify();
  expect(code).toBe(1);
  expect(stdout).toContain('    damaged: the header is damaged\n');
});

test('a missing segment', async () => {
  fs.writeFileSync(segment('0000000000000009.seg'), encodeSegment(9, 8, [frame(9)]).bytes);
  const { code, stdout } = await verify();
  expect(code).toBe(1);
  expect(stdout).toContain('  missing: frames 5 to 8 are missing before 0000000000000009.seg\n');
});

test('a damaged snapshot', async () => {
  flip(path.join(dataDir, 'snapshots', listOf(dataDir, 'snapshots')[0]!), 12);
  const { code, stdout } = await verify();
  expect(code).toBe(1);
  expect(stdout).toContain('  0000000000000002.snap   damaged: the checksum does not match\n');
});

test('a newer version is told, and the other segments are still read', async () => {
  const bytes = fs.readFileSync(segment(FIRST));
  bytes.writeUInt32LE(2, 8);
  fs.writeFileSync(segment(FIRST), bytes);
  const { code, stdout } = await verify();
  expect(code).toBe(1);
  expect(stdout).toContain('has format version 2; this program reads up to 1');
  expect(stdout).toContain(`  ${SECOND}   2 frames`);
});

test('--json: the same as data', async () => {
  flip(segment(FIRST), 60);
  const { code, stdout } = await run('--data-dir', dataDir, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout) as VerifyReport).toEqual({
    segments: [
      {
        file: segment(FIRST),
        bytes: 164,
        frames: 1,
        firstSequence: 2,
        lastSequence: 2,
        findings: ['bytes 48 to 106 hold no intact frame'],
        tornBytes: 0,
      },
      {
        file: segment(SECOND),
        bytes: 177,
        frames: 2,
        firstSequence: 3,
        lastSequence: 4,
        findings: [],
        tornBytes: 0,
      },
    ],
    snapshots: [{ file: path.join(dataDir, 'snapshots/0000000000000002.snap'), sequence: 2, problem: null }],
    window: [],
    cursors: [],
    setAside: [],
    gaps: [],
    intact: false,
  });
});

test('never changes a byte, whatever it finds', async () => {
  flip(segment(FIRST), 60);
  fs.truncateSync(segment(SECOND), 150);
  fs.writeFileSync(segment('0000000000000005.seg'), 'MOSPOOL');
  fs.writeFileSync(path.join(dataDir, 'snapshots/0000000000000009.snap.tmp'), 'half');
  const before = everything();
  await verify();
  await run('--data-dir', dataDir, '--json');
  expect(everything()).toEqual(before);
});

test('runs beside an exporter that lets a segment go in the meantime', async () => {
  const files = new FaultyFiles();
  files.fail('read', 'ENOENT', FIRST);
  const report = await verifySpool(dataDir, files);
  expect(report.segments.map(({ file }) => path.basename(file))).toEqual([SECOND]);
  expect(report.intact).toBe(true);
});

test('beside a running exporter: intact, and the exporter goes on', async () => {
  const toy = await ToySpool.open();
  await toy.send('a');
  expect((await verifySpool(toy.dataDir, nodeFiles)).intact).toBe(true);
  expect(await toy.send('b')).toBe('accepted');
});

test('finds the directory by the configuration', async () => {
  const config = path.join(scratchFolder(), 'c.yml');
  fs.writeFileSync(config, `data_dir: ${dataDir}\n`);
  expect(await run('--config', config)).toMatchObject({ code: 0, stdout: expect.stringContaining(dataDir) });
});

test.each(['nothing there', 'an empty folder', 'a file'])('no data directory: %s, exit code 1', async (what) => {
  const folder = path.join(scratchFolder(), 'x');
  if (what === 'an empty folder') fs.mkdirSync(folder);
  if (what === 'a file') fs.writeFileSync(folder, '');
  const { code, stdout, stderr } = await run('--data-dir', folder);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`${folder} is not a data directory: it has no segments or snapshots`);
});

test('a configuration that is wrong, exit code 1', async () => {
  expect(await run('--config', path.join(dataDir, 'none.yml'))).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('none.yml'),
  });
});

test.each([[['--confg', 'a']], [['--data-dir']], [['--data-dir', '']], [['--config', '']], [['data']]])(
  'wrong usage, exit code 2 (%j)',
  async (args) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('usage: model-observation spool verify');
  },
);

test('help, exit code 0', async () => {
  expect(await run('--help')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('usage:') });
});

test('a damaged file of ids: records sent again may be counted again, so the directory is not intact', async () => {
  const toy = await ToySpool.open(undefined, { duplicateWindowEntries: 16 });
  await toy.sendEach('a', 'b', 'c', 'd', 'e');
  await toy.close();
  const [name = ''] = toy.list('window');
  const good = await run('--data-dir', toy.dataDir);
  expect(good).toMatchObject({ code: 0 });
  expect(good.stdout).toContain(`  ${name}   2 ids of the duplicate window\n`);
  flip(path.join(toy.dataDir, 'window', name), 3);
  const bad = await run('--data-dir', toy.dataDir);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain(`  ${name}   damaged: the checksum does not match\n`);
});

test('what an exporter has set aside is listed, and is no damage of today', async () => {
  fs.writeFileSync(path.join(dataDir, 'set-aside', `${FIRST}-48-60`), 'x'.repeat(12));
  const { code, stdout } = await verify();
  expect(code).toBe(0);
  expect(stdout).toContain(`  set aside earlier: ${FIRST}-48-60, 12 bytes\n`);
});

const LOGS = { name: 'logs', budgetBytes: Number.POSITIVE_INFINITY, budgetAgeMs: Number.POSITIVE_INFINITY };

test('where a cursor stands', async () => {
  const toy = await ToySpool.open(undefined, { segmentBytes: 160, cursors: [LOGS] });
  await toy.sendEach('a', 'b', 'c', 'd');
  toy.spool.cursor('logs').advance(1);
  await toy.close();
  const { code, stdout } = await run('--data-dir', toy.dataDir);
  expect(code).toBe(0);
  expect(stdout).toContain('  cursor logs   at sequence 1, 3 frames behind, 0 records skipped\n');
});

test('a damaged file of a cursor', async () => {
  const toy = await ToySpool.open(undefined, { cursors: [LOGS] });
  await toy.send('a');
  await toy.close();
  flip(path.join(toy.dataDir, 'cursors', 'logs'), 12);
  const { code, stdout } = await run('--data-dir', toy.dataDir);
  expect(code).toBe(1);
  expect(stdout).toContain('  cursor logs   damaged: the checksum does not match\n');
});

test('segments that a cursor skipped are no damage; one that it has still to read is', async () => {
  const cursors = [{ ...LOGS, budgetBytes: 0 }];
  const toy = await ToySpool.open(undefined, { segmentBytes: 160, cursors });
  await toy.sendEach('a', 'b');
  const reader = new FrameReader(toy.spool.cursor('logs').attach(), { blockBytes: 1 });
  await reader.read();
  await toy.sendEach('c', 'd', 'e', 'f', 'g');
  await toy.spool.snapshot();
  await expect.poll(() => toy.skips, { timeout: 5000 }).toHaveLength(1);
  await toy.send('h');
  await reader.close();
  await toy.close();
  expect(toy.list('segments')).toEqual([FIRST, '0000000000000007.seg']);
  const good = await run('--data-dir', toy.dataDir);
  expect(good).toMatchObject({ code: 0 });
  // The frame that the reader had, and those in the segment that is written to.
  expect(good.stdout).toContain('  cursor logs   at sequence 0, 3 frames behind, 5 records skipped\n');
  fs.rmSync(path.join(toy.dataDir, 'segments', FIRST));
  const bad = await run('--data-dir', toy.dataDir);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain('5 records skipped; damaged: 1 frames that it has still to read are missing\n');
});
