import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { explainWriteError } from './project.mjs';

/** Where Debian's and Ubuntu's build, unlike others, reads its own templates when it starts. */
const ASSETS = '/usr/share/prometheus/alertmanager';
/** As long, and relative to the folder that it is started in. */
const RELATIVE = `${'./'.repeat(11)}alertmanager`;

/**
 * How to start an Alertmanager. Debian's, where it is only unpacked, does not find its templates below /usr/share and ends: of it
 * a copy is made, beside it and once, that looks for them where they are unpacked.
 *
 * @param {string} program
 * @param {string} [system] where the system has those templates when the package is installed
 * @returns {{ command: string, cwd: string | undefined }} `cwd`: the folder to start it in; undefined = any
 * @throws {Problem} when the copy cannot be written
 */
export function alertmanagerCommand(program, system = ASSETS) {
  const share = join(dirname(program), '..', 'share', 'prometheus');
  if (existsSync(join(system, 'default.tmpl')) || !existsSync(join(share, 'alertmanager', 'default.tmpl'))) {
    return { command: program, cwd: undefined };
  }
  const copy = `${program}.unpacked`;
  if (!existsSync(copy) || statSync(copy).mtimeMs < statSync(program).mtimeMs) {
    const bytes = readFileSync(program);
    for (let at = bytes.indexOf(ASSETS); at >= 0; at = bytes.indexOf(ASSETS, at + 1)) bytes.write(RELATIVE, at);
    try {
      writeFileSync(`${copy}.tmp`, bytes);
      chmodSync(`${copy}.tmp`, 0o755);
      renameSync(`${copy}.tmp`, copy);
    } catch (error) {
      throw explainWriteError(error, copy);
    }
  }
  return { command: copy, cwd: share };
}
