import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PROJECT_ROOT } from '../harness/project-root.js';
import { programPath } from '../harness/prometheus-binaries.js';
import type { ExpressionTest } from './checks.js';
import { type InputSeries, inputSeries, type Subject } from './input-series.js';

export interface RuleTest {
  /** Seconds between two scrapes. */
  readonly interval: number;
  readonly subjects: readonly Subject[];
  /** Beside those of subjects. */
  readonly series?: readonly InputSeries[];
  readonly checks: readonly ExpressionTest[];
  /** Alerts as they are told, with labels and annotations. */
  readonly alerts?: readonly AlertTest[];
}

export interface AlertTest {
  readonly alertname: string;
  readonly eval_time: string;
  readonly exp_alerts: readonly {
    readonly exp_labels: Readonly<Record<string, string>>;
    readonly exp_annotations: Readonly<Record<string, string>>;
  }[];
}

export interface RuleTestFile {
  readonly name: string;
  /** What `compileRules` made. */
  readonly rules: string;
  /** Levels of recorded series that it needs. */
  readonly recorded: readonly ('minute' | '5-minute' | 'hour')[];
  /** Minutes between two evaluations. */
  readonly evaluation: number;
  readonly tests: readonly RuleTest[];
}

/**
 * Writes a test file of promtool, and the rules beside it.
 *
 * @returns its path
 */
export async function writeRuleTests(folder: string, file: RuleTestFile): Promise<string> {
  const rules = join(folder, `${file.name}.rules.yml`);
  const path = join(folder, `${file.name}.test.yml`);
  await writeFile(rules, file.rules);
  const groups = file.recorded.flatMap((level) => [`model-observation-${level}`, `model-observation-${level}-buckets`]);
  // JSON is YAML, but for ends of lines that YAML 1.1 knows.
  const content = JSON.stringify({
    rule_files: [...file.recorded.map((level) => join(PROJECT_ROOT, `prometheus/rules/recording-${level}.yml`)), rules],
    evaluation_interval: `${file.evaluation}m`,
    group_eval_order: [...groups, 'model-observation-alert-measures-long', 'model-observation-alerts'].filter(
      (group) => !group.includes('alert') || file.rules.includes(`name: ${group}\n`),
    ),
    tests: file.tests.map(({ interval, subjects, series = [], checks, alerts = [] }) => ({
      interval: `${interval}s`,
      input_series: [...subjects.flatMap((subject) => inputSeries(subject, interval)), ...series],
      promql_expr_test: checks,
      ...(alerts.length > 0 && { alert_rule_test: alerts }),
    })),
  });
  await writeFile(path, content.replaceAll('\u2028', '\\u2028'));
  return path;
}

export interface Answer {
  readonly code: number;
  readonly output: string;
}

/** Runs promtool, or another of the programs, to its end. */
export async function runProgram(program: 'promtool' | 'amtool', args: readonly string[]): Promise<Answer> {
  const child = spawn(programPath(program), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, output: out + err };
}
