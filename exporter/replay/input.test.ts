import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Input } from './input.js';
import { latestTime } from './latest-time.js';

const TEXT = '{"model":"a","time":5}\n{"model":"b","time":"1970-01-01T00:00:09Z"}\n{"model":"c","time":7}\n';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-input-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(input: Input): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const open = (path: string, stdin: Readable = Readable.from([])) => Input.open(path, stdin);

test('a file, and how much of it was read', async () => {
  const input = open(file('a.ndjson', TEXT));
  expect(await read(input)).toBe(TEXT);
  expect([input.size, input.bytesRead]).toEqual([TEXT.length, TEXT.length]);
});

test.each(['a.ndjson.gz', 'a.ndjson'])('gzip, whatever its name: %s', async (name) => {
  const packed = gzipSync(TEXT);
  const input = open(file(name, packed));
  expect(await read(input)).toBe(TEXT);
  expect([input.size, input.bytesRead]).toEqual([packed.length, packed.length]);
});

test('several gzip files joined, as a log rotation may leave them', async () => {
  expect(await read(open(file('a.gz', Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]))))).toBe('a\nb\n');
});

test('standard input, plain and gzip, in single bytes', async () => {
  const bytes = (data: Buffer) => Readable.from([...data].map((byte) => Buffer.from([byte])));
  expect(await read(open('-', bytes(Buffer.from(TEXT))))).toBe(TEXT);
  expect(await read(open('-', bytes(gzipSync(TEXT))))).toBe(TEXT);
});

test.each(['', 'x'])('next to nothing: %j', async (text) => {
  expect((await read(open('-', Readable.from([Buffer.from(text)])))).trim()).toBe(text);
});

describe('what cannot be read says why', () => {
  const failure = async (path: string, stdin?: Readable) => {
    try {
      await read(open(path, stdin));
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`.replaceAll(`${folder}/`, '');
    }
    return 'read';
  };

  test('no such file', async () => {
    expect(await failure(join(folder, 'nope'))).toBe('InputError: nope does not exist (looked for nope).');
  });

  test('a folder', async () => {
    mkdirSync(join(folder, 'sub'));
    expect(await failure(join(folder, 'sub'))).toBe('InputError: sub is a folder. Name a file of call records in it.');
  });

  test('gzip cut off', async () => {
    const path = file('a.gz', gzipSync(TEXT).subarray(0, 40));
    expect(await failure(path)).toBe(
      'InputError: a.gz ends in the middle of its gzip data: it was cut off. Copy it again.',
    );
  });

  test('gzip damaged', async () => {
    const bytes = gzipSync(TEXT);
    bytes.fill(0xff, 12, 30);
    expect(await failure(file('a.gz', bytes))).toMatch(/^InputError: a.gz is damaged: its gzip data cannot be read/);
  });

  test('a name in .gz with plain text in it', async () => {
    expect(await failure(file('a.gz', TEXT))).toMatch(/^InputError: a.gz is not gzip, though/);
  });

  test('utf-16', async () => {
    const path = file('a.ndjson', Buffer.from(`\uFEFF${TEXT}`, 'utf16le'));
    expect(await failure(path)).toMatch(/^InputError: a.ndjson is in UTF-16. Convert it: iconv/);
  });

  test('a broken standard input', async () => {
    const stdin = new PassThrough();
    stdin.write('a\n');
    setImmediate(() => stdin.destroy(new Error('EIO: i/o error, read')));
    expect(await failure('-', stdin)).toBe('InputError: stdin cannot be read: EIO: i/o error, read.');
  });
});

test('closed while it waits for more: ends without an error', async () => {
  const input = open('-', new PassThrough());
  const reading = read(input);
  input.close();
  expect(await reading).toBe('');
});

test('the latest time of a file, wherever it stands', async () => {
  expect(await latestTime(open(file('a.ndjson', TEXT)))).toBe(9000);
  expect(await latestTime(open(file('b.ndjson', '{"model":"a"}\nxx\n')))).toBeNull();
});

test('a JSON array is refused before anything of it is sent, wherever it begins and however it is packed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'replay-array-'));
  try {
    for (const [name, bytes] of [
      ['a.json', Buffer.from('[\n{"model":"a"},\n{"model":"b"}\n]\n')],
      ['b.json', Buffer.from('\ufeff \n\n [{"model":"a"}]')],
      ['c.json.gz', gzipSync('[\n{"model":"a"}\n]')],
    ] as const) {
      const file = join(folder, name);
      writeFileSync(file, bytes);
      const read = async (): Promise<void> => {
        for await (const _ of Input.open(file, process.stdin).chunks()) expect.unreachable();
      };
      await expect(read()).rejects.toThrow(
        "is a JSON array. Make NDJSON of it, one object a line: jq -c '.[]' FILE > FILE.ndjson.",
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
