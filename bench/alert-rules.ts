import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileRules } from '../exporter/alerts/rules/compile.js';
import { alertsOf } from '../exporter/alerts/rules/testdata/alerts.js';
import { expanded, ruleSet } from './alert-rule-set.js';
import { alertSeriesTarget, MODELS, recordedDay } from './alert-series.js';
import type { Figure } from './figure.js';
import { freePort, temporaryFolder, untilAnswers } from './processes.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const RULES = 100;
/** So many models stand for all: expanded for each of them, the rules would be too many to load. */
const EXPANDED_MODELS = MODELS.slice(0, 20);
const SCALE = MODELS.length / EXPANDED_MODELS.length;
/** Groups are evaluated so often here, which does not change how long they take, as long as they don't get into each other's way. */
const QUICK = '20s';
const WARM_UP_MS = 75_000;

/** ms to compile 100 rules over 200 models, beside the same rules expanded for each model. */
export async function alertsCompile(): Promise<Figure> {
  const value = compileMs(() => compileRules(alertsOf(ruleSet(RULES))));
  const baseline = SCALE * compileMs(() => compileRules(alertsOf(expanded(ruleSet(RULES), EXPANDED_MODELS))));
  return { name: 'alerts.compile', value, unit: 'ms', baseline, ratio: baseline / value };
}

/**
 * The part of its interval that the slowest group of rules takes in a real Prometheus, recording rules among them: 100 alert rules over
 * 200 models with two keys each, which have a day of history; beside the same rules expanded for each model.
 */
export async function alertsEvaluation(): Promise<Figure> {
  const value = await slowestGroup(compileRules(alertsOf(ruleSet(RULES))), 1);
  const baseline = await slowestGroup(compileRules(alertsOf(expanded(ruleSet(RULES), EXPANDED_MODELS))), SCALE);
  return { name: 'alerts.evaluation', value, unit: 'of its interval', baseline, ratio: baseline / value };
}

function compileMs(compile: () => void): number {
  compile();
  const start = performance.now();
  compile();
  return performance.now() - start;
}

/** @param scale what the groups of alerts are multiplied by */
async function slowestGroup(alertRules: string, scale: number): Promise<number> {
  const { paths } = (await import(pathToFileURL(join(ROOT, 'scripts/prometheus.mjs')).href)).findBinaries();
  const { prometheus, promtool } = paths as { prometheus?: string; promtool?: string };
  if (prometheus === undefined || promtool === undefined)
    throw new Error('needs Prometheus: node scripts/prometheus.mjs');
  const folder = temporaryFolder();
  const target = await alertSeriesTarget();
  mkdirSync(join(folder.path, 'rules'));
  const intervals = new Map<string, number>();
  const quick = (text: string) => {
    for (const [, name = '', minutes] of text.matchAll(/- name: (\S+)\n\s+interval: (\d+)m/g))
      intervals.set(name, Number(minutes) * 60);
    return text.replaceAll(/interval: \dm/g, `interval: ${QUICK}`);
  };
  for (const level of ['minute', '5-minute', 'hour']) {
    const name = `recording-${level}.yml`;
    writeFileSync(join(folder.path, 'rules', name), quick(readFileSync(join(ROOT, 'prometheus/rules', name), 'utf8')));
  }
  writeFileSync(join(folder.path, 'rules/alerts.yml'), quick(alertRules));
  const history = join(folder.path, 'history.om');
  await finished(Readable.from(recordedDay(Math.floor(Date.now() / 1000) - 300)).pipe(createWriteStream(history)));
  execFileSync(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', history, join(folder.path, 'data')], {
    stdio: 'ignore',
  });
  const config = `global: {scrape_interval: 5s, scrape_timeout: 5s}\nrule_files: [rules/*.yml]\nscrape_configs: [{job_name: model-observation, static_configs: [{targets: ['${target.address}']}]}]\n`;
  writeFileSync(join(folder.path, 'prometheus.yml'), config);
  const port = await freePort();
  const flags = [
    `--config.file=prometheus.yml`,
    '--storage.tsdb.path=data',
    '--storage.tsdb.retention.time=30d',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ];
  const child = spawn(prometheus, flags, { cwd: folder.path, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await untilAnswers(`http://127.0.0.1:${port}/-/ready`);
    await sleep(WARM_UP_MS);
    const durations = await groupDurations(port);
    const shares = [...durations].map(([name, seconds]) => {
      const times = name.startsWith('model-observation-alert') ? scale : 1;
      return (seconds * times) / (intervals.get(name) ?? 60);
    });
    return Math.max(...shares);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
    target.stop();
    folder.remove();
  }
}

/** Seconds of each group's longest evaluation of late, by name. */
async function groupDurations(port: number): Promise<Map<string, number>> {
  const durations = new Map<string, number>();
  for (let look = 0; look < 6; look++) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/rules`);
    const { data } = (await answer.json()) as { data: { groups: { name: string; evaluationTime: number }[] } };
    for (const { name, evaluationTime } of data.groups)
      durations.set(name, Math.max(durations.get(name) ?? 0, evaluationTime));
    await sleep(5000);
  }
  return durations;
}
