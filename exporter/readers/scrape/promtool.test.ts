import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../projections/metrics/catalogue.js';
import { MetricsProjection } from '../../projections/metrics/projection.js';
import { OPTIONS } from '../../projections/metrics/testdata/calls.js';
import { OwnMetrics } from '../../telemetry/own-metrics.js';
import { goldenExposition, textOf } from './testdata/golden-state.js';

/** From PROMTOOL, the PATH, or what the project unpacked for its tests. */
function findPromtool(): string | null {
  const named = process.env.PROMTOOL;
  if (named) return named;
  const tools = fileURLToPath(new URL('../../../.tools', import.meta.url));
  const unpacked = existsSync(tools) ? readdirSync(tools, { recursive: true, encoding: 'utf8' }) : [];
  const candidates = [
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'promtool')),
    ...unpacked.filter((path) => /(^|\/)promtool$/.test(path)).map((path) => join(tools, path)),
  ];
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const promtool = findPromtool();
const why = promtool === null ? ' (not run: no promtool in PROMTOOL, on the PATH or in .tools)' : '';

function run(args: string[], input = ''): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(promtool as string, args, { input, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

describe.skipIf(promtool === null)(`promtool${why}`, () => {
  it('has nothing to say against the golden exposition', async () => {
    const golden = readFileSync(new URL('testdata/golden.txt', import.meta.url), 'utf8');
    expect(golden).toBe(await goldenExposition('text'));
    expect(run(['check', 'metrics'], golden)).toEqual({ status: 0, said: '' });
  });

  it('has nothing to say against the process and Node.js metrics', async () => {
    const own = new OwnMetrics({ version: '1.2.3' });
    const text = await textOf(MetricsProjection.create(OPTIONS), own, 0, 'text');
    expect(text).toContain('\nprocess_cpu_seconds_total ');
    expect(run(['check', 'metrics'], text)).toEqual({ status: 0, said: '' });
  });

  it('understands every example of the catalogue', () => {
    const folder = mkdtempSync(join(tmpdir(), 'examples-'));
    try {
      const rules = FAMILIES.map(({ example }, index) => ({ record: `example:${index}`, expr: example }));
      // JSON is YAML.
      writeFileSync(join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'examples', rules }] }));
      const { status, said } = run(['check', 'rules', join(folder, 'rules.yml')]);
      expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining(`${FAMILIES.length} rules found`) });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
