import * as path from 'node:path';
import { loadSettings } from '../config/load.js';
import { nodeFiles } from '../spool/files.js';
import { type VerifyReport, verifySpool } from '../spool/verify.js';
import { readOptions } from './options.js';
import type { Output } from './output.js';

const USAGE = `usage: model-observation spool verify [--config FILE] [--data-dir DIR] [--json]

Reads every frame and snapshot of the data directory and says whether they are intact, and where the cursors
of its readers stand. Changes nothing, and may run beside an exporter.
`;

/**
 * `model-observation spool verify`.
 * @returns the exit code: 0 = intact, 1 = damage or a directory that cannot be read, 2 = wrong usage
 */
export async function spoolVerify(args: string[], out: Output): Promise<number> {
  const options = readOptions(args, USAGE, out, { config: 'a file', 'data-dir': 'a folder' }, ['json']);
  if (typeof options === 'number') return options;
  let dataDir = options['data-dir'];
  try {
    dataDir ??= loadSettings({ configFile: options.config }).settings.dataDir;
    const report = await verifySpool(dataDir, nodeFiles);
    out.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : render(dataDir, report));
    return report.intact ? 0 : 1;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    const reason = isMissing ? `${dataDir} is not a data directory: it has no segments or snapshots` : message;
    out.stderr.write(`${reason}\n`);
    return 1;
  }
}

function render(dataDir: string, report: VerifyReport): string {
  const lines = [dataDir];
  for (const segment of report.segments) {
    const range =
      segment.firstSequence === null ? 'empty' : `sequences ${segment.firstSequence} to ${segment.lastSequence}`;
    lines.push(`  ${path.basename(segment.file)}   ${segment.frames} frames, ${range}, ${segment.bytes} bytes`);
    for (const finding of segment.findings) lines.push(`    damaged: ${finding}`);
    if (segment.tornBytes > 0) {
      lines.push(
        `    an unfinished last write of ${segment.tornBytes} bytes, never acknowledged: cut off at the next start`,
      );
    }
  }
  for (const gap of report.gaps) lines.push(`  missing: ${gap}`);
  for (const { file, sequence, problem } of report.snapshots) {
    lines.push(`  ${path.basename(file)}   ${problem === null ? `up to sequence ${sequence}` : `damaged: ${problem}`}`);
  }
  for (const { file, ids, problem } of report.window) {
    lines.push(
      `  ${path.basename(file)}   ${problem === null ? `${ids} ids of the duplicate window` : `damaged: ${problem}`}`,
    );
  }
  for (const { name, position, behind, skippedRecords, problem } of report.cursors) {
    const place =
      position === null ? '' : `at sequence ${position}, ${behind} frames behind, ${skippedRecords} records skipped`;
    lines.push(
      `  cursor ${name}   ${[place, problem === null ? '' : `damaged: ${problem}`].filter(Boolean).join('; ')}`,
    );
  }
  for (const { file, bytes } of report.setAside) {
    lines.push(`  set aside earlier: ${path.basename(file)}, ${bytes} bytes`);
  }
  lines.push(report.intact ? 'intact' : 'NOT intact: the exporter sets damaged parts aside and says so when it starts');
  return `${lines.join('\n')}\n`;
}
