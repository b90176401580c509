import { existsSync } from 'node:fs';
import { chmod, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { programPath } from './prometheus-binaries.js';
import { temporaryFolder } from './temporary-folder.js';

/** Where Debian's Alertmanager, unlike others, reads its own templates when it starts. */
const ASSETS = '/usr/share/prometheus/alertmanager';
/** As many bytes, and relative to the folder that it is started in. */
const LINK = 'assets';
const RELATIVE_ASSETS = `.${'/'.repeat(ASSETS.length - 1 - LINK.length)}${LINK}`;

let copy: Promise<string> | null = null;

/**
 * The path of an Alertmanager that starts in `folder`: the one on PATH, or where it is Debian's and only unpacked, a copy that looks for
 * its templates there instead of below /usr/share, which belongs to the system.
 */
export async function alertmanagerIn(folder: string): Promise<string> {
  const program = programPath('alertmanager');
  const unpacked = join(dirname(program), '../share/prometheus/alertmanager');
  if (existsSync(join(ASSETS, 'default.tmpl')) || !existsSync(join(unpacked, 'default.tmpl'))) return program;
  await symlink(unpacked, join(folder, LINK));
  copy ??= copyOf(program);
  return copy;
}

async function copyOf(program: string): Promise<string> {
  const bytes = await readFile(program);
  for (let at = bytes.indexOf(ASSETS); at >= 0; at = bytes.indexOf(ASSETS, at + 1)) bytes.write(RELATIVE_ASSETS, at);
  const path = join(await temporaryFolder('alertmanager-program'), 'alertmanager');
  await writeFile(path, bytes);
  await chmod(path, 0o755);
  return path;
}
