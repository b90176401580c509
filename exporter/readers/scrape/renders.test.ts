import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../call/call.js';
import { MetricsProjection } from '../../projections/metrics/projection.js';
import { anyCall, nastyText, OPTIONS } from '../../projections/metrics/testdata/calls.js';
import { renderExposition } from './exposition.js';
import type { ExpositionFormat } from './negotiate.js';
import { Renders } from './renders.js';
import type { BodyReader } from './shared-body.js';
import { textOf } from './testdata/golden-state.js';

async function readAll(reader: BodyReader): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let piece = await reader.read(); piece !== null; piece = await reader.read()) pieces.push(piece);
  reader.leave();
  return Buffer.concat(pieces);
}

/** Renders whose text says which one it is; it grows with each of `lines`, with other work in between. */
function countedRenders(lines: number) {
  const state = { begun: [] as ExpositionFormat[], closed: 0, made: 0, errors: [] as unknown[] };
  const renders = new Renders({
    async *render(format) {
      state.begun.push(format);
      const number = state.begun.length;
      try {
        for (let line = 0; line < lines; line++) {
          state.made += 1;
          yield `render ${number} line ${line} ${randomBytes(750).toString('base64')}\n`;
          await setImmediate();
        }
      } finally {
        state.closed += 1;
      }
    },
    onError: (error) => state.errors.push(error),
  });
  return { renders, state };
}

describe.each([false, true])('renders, gzip %s', (gzip) => {
  const read = async (reader: BodyReader): Promise<string> => {
    const bytes = await readAll(reader);
    return (gzip ? gunzipSync(bytes) : bytes).toString();
  };

  it('are shared by whoever comes while one is under way', async () => {
    const { renders, state } = countedRenders(200);
    const first = read(renders.join('text', gzip));
    const second = read(renders.join('text', gzip));
    while (state.made < 100) await setImmediate();
    const late = read(renders.join('text', gzip));
    const text = await first;
    expect(text.match(/^render 1 line \d+/gm)).toHaveLength(200);
    expect(await second).toBe(text);
    expect(await late).toBe(text);
    expect(state.begun).toEqual(['text']);
  });

  it('begin anew for whoever comes after one is over', async () => {
    const { renders, state } = countedRenders(3);
    expect(await read(renders.join('text', gzip))).toMatch(/^render 1 /);
    expect(await read(renders.join('text', gzip))).toMatch(/^render 2 /);
    expect([state.begun.length, state.closed, renders.heldBytes]).toEqual([2, 2, 0]);
  });

  it('are others for another format or encoding', async () => {
    const { renders, state } = countedRenders(50);
    const readers = [
      renders.join('text', gzip),
      renders.join('openmetrics', gzip),
      renders.join('text', !gzip),
      renders.join('text', gzip),
    ];
    await Promise.all(readers.map(readAll));
    expect(state.begun).toHaveLength(3);
  });

  it('stop when all scrapers went away, and a new one gets a new one', async () => {
    const { renders, state } = countedRenders(5000);
    const readers = [renders.join('text', gzip), renders.join('text', gzip)];
    while (state.made < 10) await setImmediate();
    for (const reader of readers) reader.leave();
    while (state.closed === 0) await setImmediate();
    // A piece that was begun is finished, and gzip takes 1 MiB ahead.
    expect(state.made).toBeLessThan(2000);
    const next = renders.join('text', gzip);
    expect(state.begun).toHaveLength(2);
    next.leave();
    while (state.closed < 2) await setImmediate();
    expect(renders.heldBytes).toBe(0);
    expect(state.errors).toEqual([]);
  });

  it('say once why they failed, and fail for all', async () => {
    const bug = new Error('a bug');
    const errors: unknown[] = [];
    const renders = new Renders({
      // biome-ignore lint/correctness/useYield: it fails before its first line.
      async *render() {
        await setImmediate();
        throw bug;
      },
      onError: (error) => errors.push(error),
    });
    const readers = [renders.join('text', gzip), renders.join('text', gzip)];
    const failures = await Promise.allSettled(readers.map((reader) => reader.read()));
    expect(failures.map((one) => one.status === 'rejected' && one.reason.cause)).toEqual([bug, bug]);
    expect(errors).toEqual([bug]);
  });

  it('are the bytes of a render that nobody shares', async () => {
    const shown = 1_700_000_000_000 + OPTIONS.birthHoldMs;
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall(nastyText), { maxLength: 30 }), async (calls: Call[]) => {
        const projection = MetricsProjection.create(OPTIONS);
        for (const call of calls) projection.apply(call, shown - OPTIONS.birthHoldMs);
        const renders = new Renders({
          render: (format) => renderExposition(projection.view(shown), [], format),
          onError: () => {},
        });
        for (const format of ['text', 'openmetrics'] as const) {
          const alone = await textOf(projection, null, shown, format);
          const readers = [renders.join(format, gzip), renders.join(format, gzip)];
          expect(await Promise.all(readers.map(read))).toEqual([alone, alone]);
        }
      }),
      { numRuns: 30 },
    );
  });
});
