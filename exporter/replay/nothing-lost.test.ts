import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replay, type Surroundings } from '../cli/replay.js';
import { type Behaviour, ExporterDouble } from './testdata/exporter-double.js';
import { SkippingClock } from './testdata/skipping-clock.js';

/** A line of the file, and what becomes of it. */
interface Written {
  text: string;
  fate: 'counted' | 'rejected' | 'blank';
}

const WORD = fc.stringMatching(/^[a-zé"\\]{0,20}$/);
const line: fc.Arbitrary<Written> = fc.oneof(
  {
    weight: 6,
    arbitrary: WORD.map((user): Written => ({ text: JSON.stringify({ model: 'm', user }), fate: 'counted' })),
  },
  {
    weight: 3,
    arbitrary: fc.uuid().map((id): Written => ({ text: JSON.stringify({ id, model: 'm' }), fate: 'counted' })),
  },
  { weight: 1, arbitrary: WORD.map((id): Written => ({ text: JSON.stringify({ id: `x${id}` }), fate: 'rejected' })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Written>({ text: '{"model":', fate: 'rejected' }, { text: 'x', fate: 'rejected' }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Written>({ text: '', fate: 'blank' }, { text: '  ', fate: 'blank' }) },
);

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.constantFrom<Behaviour>('take', 'slow', 'drop', 'take-and-drop', 'drop-mid-answer'),
  fc.constantFrom<Behaviour>(...[408, 429, 500, 502, 503, 504].map((status) => ({ status, retryAfter: '1' })), {
    status: 503,
    body: '<html>',
  }),
);

async function run(args: string[], text: string, clock = new SkippingClock()) {
  let stdout = '';
  let stderr = '';
  const out = {
    stdout: { write: (part: string) => (stdout += part) },
    stderr: { write: (part: string) => (stderr += part) },
  };
  const around: Partial<Surroundings> = { stdin: Readable.from([Buffer.from(text)]), clock, random: () => 0.5 };
  const code = await replay(['-', '--json', ...args], out, around);
  return { code, summary: JSON.parse(stdout) as Record<string, number>, stderr };
}

test('every line is delivered, and counted once by id, whatever the sequence of failures', async () => {
  const inputs = fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 40 }),
    end: fc.constantFrom('\n', '\r\n'),
    script: fc.array(behaviour, { maxLength: 12 }),
    batch: fc.integer({ min: 1, max: 15 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    maxRecords: fc.integer({ min: 1, max: 20 }),
    maxBytes: fc.integer({ min: 200, max: 2000 }),
  });
  await fc.assert(
    fc.asyncProperty(inputs, async ({ lines, end, script, batch, concurrency, maxRecords, maxBytes }) => {
      const double = await ExporterDouble.start();
      Object.assign(double, { maxRecords, maxBytes });
      double.script.push(...script);
      const text = lines.map((written) => written.text).join(end);
      const args = ['--url', double.url, '--batch', String(batch), '--concurrency', String(concurrency)];
      try {
        const first = await run(args, text);
        const counted = lines.filter(({ fate }) => fate === 'counted').length;
        const rejected = lines.filter(({ fate }) => fate === 'rejected').length;
        expect(double.counted.size).toBe(counted);
        expect(first.summary).toMatchObject({ records: counted + rejected, rejected, unconfirmed: 0 });
        expect(first.summary.accepted! + first.summary.duplicates!).toBe(counted);
        expect(first.code).toBe(rejected === 0 ? 0 : 1);

        const numbers = lines.flatMap(({ fate }, index) => (fate === 'rejected' ? [index + 1] : []));
        const told = (first.summary.rejections as unknown as { line: number }[]).map((rejection) => rejection.line);
        expect(told.sort((a, b) => a - b)).toEqual(numbers.slice(0, told.length));
        expect(told).toHaveLength(Math.min(20, rejected));

        // The same file once more, cut into other batches: nothing is new.
        const second = await run(['--url', double.url, '--batch', String(batch + 1)], text);
        expect(second.summary).toMatchObject({ accepted: 0, duplicates: counted, rejected });
        expect(double.counted.size).toBe(counted);
      } finally {
        await double.stop();
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('a batch that is sent again is the same to the byte', async () => {
  const double = await ExporterDouble.start();
  double.script.push('drop', { status: 503 }, 'take-and-drop');
  const { summary } = await run(['--url', double.url], '{"model":"a"}\n{"model":"b","id":null}\n');
  expect(double.bodies).toHaveLength(4);
  expect(new Set(double.bodies).size).toBe(1);
  expect(summary).toMatchObject({ accepted: 0, duplicates: 2, duplicates_sent_again: 2, retries: 3 });
  await double.stop();
});

test('equal lines without ids are calls of their own', async () => {
  const double = await ExporterDouble.start();
  const text = '{"model":"a"}\n'.repeat(3);
  expect((await run(['--url', double.url], text)).summary).toMatchObject({ accepted: 3 });
  expect((await run(['--url', double.url], text)).summary).toMatchObject({ accepted: 0, duplicates: 3 });
  expect((await run(['--url', double.url, '--source', 'b'], text)).summary).toMatchObject({ accepted: 3 });
  expect((await run(['--url', double.url, '--new-ids'], text)).summary).toMatchObject({ accepted: 3 });
  await double.stop();
});
