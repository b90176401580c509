import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archiveSources } from './apt-sources.mjs';
import { run } from './child.mjs';
import { withLock } from './lock.mjs';
import { explainWriteError, inProject, Problem } from './project.mjs';

const COMMAND_TIMEOUT_MS = 240_000;

/**
 * Where this system's packages are (to be) unpacked, or null where there is no apt. Named after the release and the
 * processor, so that a checkout shared with another machine, or an upgraded one, does not run the wrong programs.
 *
 * @returns {string | null}
 */
export function aptFolder() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg-deb')) return null;
  const { ID = 'linux', VERSION_CODENAME = 'unnamed' } = readOsRelease();
  return inProject('.tools', `${ID}-${VERSION_CODENAME}-${process.arch}`);
}

/**
 * Downloads packages from the system's own mirror and unpacks them into the project: nothing is installed, configured
 * or started, and apt's own state stays as it is. Done once; the folder's existence says so.
 *
 * @param {readonly string[]} packages
 * @param {(line: string) => void} say
 * @returns {Promise<void>}
 * @throws {Problem}
 */
export async function unpackFromApt(packages, say) {
  const folder = aptFolder();
  if (!folder) throw new Problem('There is no apt on this system.');
  const isThere = () => existsSync(folder);
  if (isThere()) return;
  const lock = inProject('.tools', 'apt.lock');
  const work = inProject('.tools', `apt-${process.pid}`);
  await withLock(
    lock,
    async () => {
      if (isThere()) return;
      removeLeftovers();
      try {
        await unpack(packages, work, say);
        renameSync(join(work, 'root'), folder);
      } catch (error) {
        throw explainWriteError(error, work);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    },
    () => say('waiting for another download to end'),
  );
}

/** What a killed run has left. Only called with the lock held. */
function removeLeftovers() {
  for (const name of readdirSync(inProject('.tools'))) {
    if (/^apt-\d+$/.test(name)) rmSync(inProject('.tools', name), { recursive: true, force: true });
  }
}

/**
 * @param {readonly string[]} packages
 * @param {string} work
 * @param {(line: string) => void} say
 */
async function unpack(packages, work, say) {
  for (const folder of ['lists/partial', 'cache/archives/partial', 'sources', 'no-parts', 'debs', 'root']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  const env = { ...process.env, APT_CONFIG: join(work, 'apt.conf'), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const system = await aptSettings();
  const { ID = '', VERSION_CODENAME = '', UBUNTU_CODENAME } = readOsRelease();
  const codenames = [VERSION_CODENAME, ...(UBUNTU_CODENAME ? [UBUNTU_CODENAME] : [])];
  const sources = archiveSources(join(system.etc), codenames, ID === 'ubuntu' || UBUNTU_CODENAME !== undefined);
  if (sources.length === 0)
    throw new Problem(`No package mirror is named in ${system.etc}/sources.list or sources.list.d.`);
  writeFileSync(join(work, 'sources', 'archive.sources'), sources.join('\n\n').concat('\n'));
  writeFileSync(join(work, 'status'), '');
  writeFileSync(env.APT_CONFIG, aptConfig(work, system.acquire));

  say(`fetching ${packages.join(' and ')} from the system's package mirror`);
  const update = await run('apt-get', ['-q', 'update'], { cwd: work, env, timeoutMs: COMMAND_TIMEOUT_MS });
  const download = update.timedOut
    ? update
    : await run('apt-get', ['-q', 'download', ...packages, ...(await webAssets(packages, env))], {
        cwd: join(work, 'debs'),
        env,
        timeoutMs: COMMAND_TIMEOUT_MS,
      });
  if (download.code !== 0) throw new Problem(explain(packages, update, download));

  for (const deb of readdirSync(join(work, 'debs')).filter((name) => name.endsWith('.deb'))) {
    const { code, output } = await run('dpkg-deb', ['-x', join(work, 'debs', deb), join(work, 'root')]);
    if (code !== 0) throw new Problem(`${deb} could not be unpacked: ${output.trim()}`);
  }
  // 200 MB that no page asks for.
  rmSync(join(work, 'root/usr/share/javascript/moment-timezone/data'), { recursive: true, force: true });
  await tryPrograms(join(work, 'root', 'usr', 'bin'));
}

/**
 * The packages with the scripts and styles of the programs' web pages: those that the given ones depend on, and the ones
 * that these build on. Everything else that they depend on is for installing them, or is there on any system.
 *
 * @param {readonly string[]} packages
 * @param {NodeJS.ProcessEnv} env
 */
async function webAssets(packages, env) {
  const dependencies = async (/** @type {readonly string[]} */ of) => {
    const { output } = await run('apt-cache', ['depends', ...of], { env, timeoutMs: COMMAND_TIMEOUT_MS });
    return [...output.matchAll(/^ {2}Depends: ((?:libjs-|fonts-glyphicons)\S+)$/gm)].map(([, name = '']) => name);
  };
  const direct = await dependencies(packages);
  return direct.length === 0 ? [] : [...new Set([...direct, ...(await dependencies(direct))])];
}

/**
 * A program whose libraries are missing or too old shows it here, once, instead of in the middle of a test.
 *
 * @param {string} folder
 */
async function tryPrograms(folder) {
  for (const name of readdirSync(folder)) {
    const { code, output } = await run(join(folder, name), ['--version'], { timeoutMs: 20_000 });
    if (code !== 0) throw new Problem(`${name} was unpacked but does not run here: ${output.trim()}`);
  }
}

/**
 * The system's settings for fetching (proxies, time-outs), without its hooks: those would act on the system.
 *
 * @returns {Promise<{ etc: string, acquire: string[] }>}
 */
async function aptSettings() {
  const { output } = await run('apt-config', ['dump'], { timeoutMs: COMMAND_TIMEOUT_MS });
  const lines = output.split('\n');
  const setting = (/** @type {string} */ name) => lines.find((line) => line.startsWith(`${name} "`))?.split('"')[1];
  return {
    etc: join(setting('Dir') ?? '/', setting('Dir::Etc') ?? 'etc/apt'),
    acquire: lines.filter((line) => /^Acquire::(http|https|ftp|tor|Retries|ForceIPv|Check-|Proxy|By-Hash)/i.test(line)),
  };
}

/**
 * @param {string} work
 * @param {readonly string[]} acquire
 */
function aptConfig(work, acquire) {
  return [
    'Acquire::http::Timeout "15";',
    'Acquire::https::Timeout "15";',
    'Acquire::Retries "1";',
    ...acquire,
    'Acquire::Languages "none";',
    `Dir::Etc::Main "/dev/null";`,
    `Dir::Etc::Parts "${join(work, 'no-parts')}";`,
    `Dir::Etc::Preferences "/dev/null";`,
    `Dir::Etc::PreferencesParts "${join(work, 'no-parts')}";`,
    `Dir::Etc::SourceList "/dev/null";`,
    `Dir::Etc::SourceParts "${join(work, 'sources')}";`,
    `Dir::State "${work}";`,
    `Dir::State::Lists "${join(work, 'lists')}";`,
    `Dir::State::Status "${join(work, 'status')}";`,
    `Dir::Cache "${join(work, 'cache')}";`,
    // Root's downloads would be made by the user _apt, who may not see the project's folder.
    'APT::Sandbox::User "root";',
    '',
  ].join('\n');
}

/**
 * @param {readonly string[]} packages
 * @param {import('./child.mjs').Finished} update
 * @param {import('./child.mjs').Finished} download
 */
function explain(packages, update, download) {
  // apt-get update ends well even when it reached nobody, so what it says is looked at too.
  const said = `${update.output}\n${download === update ? '' : download.output}`;
  // Under a source's "Err:" line stands the reason, indented.
  const complaint = /^Err:.*\n +(\S.*)$/m.exec(said)?.[1] ?? /^[EW]: (.*)$/m.exec(said)?.[1] ?? said.trim();
  const names = packages.join(' and ');
  if (update.timedOut || download.timedOut) {
    return `The system's package mirror did not answer within ${COMMAND_TIMEOUT_MS / 1000} s: ${complaint}`;
  }
  if (/^Err:|Failed to fetch/m.test(said)) return `The system's package mirror cannot be reached: ${complaint}`;
  if (/Unable to locate package|no installation candidate|Can't (select|find) /i.test(said)) {
    return `The system's package mirror does not have ${names} (on Ubuntu they are in "universe"): ${complaint}`;
  }
  return `apt-get could not download ${names}: ${complaint}`;
}

/** @returns {Record<string, string | undefined>} */
function readOsRelease() {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
    return Object.fromEntries(
      lines
        .filter((line) => line.includes('='))
        .map((line) => {
          const [name = '', ...value] = line.split('=');
          return [name, value.join('=').replace(/^"|"$/g, '')];
        }),
    );
  } catch {
    return {};
  }
}
