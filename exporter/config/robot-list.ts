import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ROBOT_KEYS } from './catalogue.js';
import type { Problems } from './config-error.js';
import type { Entry } from './kind.js';
import type { RobotSettings } from './settings.js';

type RobotEntry = Entry<typeof ROBOT_KEYS>;
type FileKey = 'access_token_file' | 'url_file' | 'secret_file';

const MOST_FILE_BYTES = 64 * 1024;

/**
 * The robots with their secrets, whose files are read here.
 * @param folder the folder that relative files are looked for in
 */
export function readRobots(
  entries: readonly RobotEntry[],
  folder: string,
  problems: Problems,
): ReadonlyMap<string, RobotSettings> {
  const robots = new Map<string, RobotSettings>();
  const names = new Map<string, RobotEntry>();
  for (const entry of entries) {
    const { name, language } = entry.values;
    const first = names.get(name);
    if (first === undefined) names.set(name, entry);
    else {
      const found = `the same name as ${first.key} on line ${first.place.line}`;
      problems.add(
        entry.places.get('name') ?? entry.place,
        `${entry.key}.name`,
        found,
        null,
        'Give each robot its own.',
      );
    }
    const secret = wordOf(entry, 'secret_file', folder, problems);
    const url = addressOf(entry, folder, problems);
    if (url !== null) robots.set(name, { name, url, secret, language });
  }
  return robots;
}

/** Null when there is no usable address; `problems` has been told. */
function addressOf(entry: RobotEntry, folder: string, problems: Problems): string | null {
  const hasToken = entry.places.has('access_token_file');
  if (hasToken === entry.places.has('url_file')) {
    const found = hasToken
      ? 'found both access_token_file and url_file'
      : 'found neither access_token_file nor url_file';
    problems.add(entry.place, entry.key, found, 'exactly one of access_token_file and url_file');
    return null;
  }
  if (hasToken) {
    const token = wordOf(entry, 'access_token_file', folder, problems);
    if (token === null) return null;
    const url = new URL(entry.values.base_url);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/robot/send`;
    url.searchParams.set('access_token', token);
    return url.href;
  }
  if (entry.places.has('base_url')) {
    const place = entry.places.get('base_url') ?? entry.place;
    const hint = 'The address in url_file says where DingTalk is: remove one of the two.';
    problems.add(place, `${entry.key}.base_url`, 'set beside url_file', null, hint);
  }
  const text = wordOf(entry, 'url_file', folder, problems);
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isWebhook = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === null || !isWebhook || url.username !== '' || (url.searchParams.get('access_token') ?? '') === '') {
    const hint = 'Write the address as DingTalk shows it, https://oapi.dingtalk.com/robot/send?access_token=…';
    problems.add(
      placeOf(entry, 'url_file'),
      `${entry.key}.url_file`,
      'the file holds no address of a robot',
      null,
      hint,
    );
    return null;
  }
  return url.href;
}

/** What one of the files holds. Null where none is named, or it cannot be used; then `problems` has been told. */
function wordOf(entry: RobotEntry, key: FileKey, folder: string, problems: Problems): string | null {
  const name = entry.values[key];
  if (name === null) return null;
  // The path is not shown: somebody may have pasted the secret itself.
  const refuse = (found: string): null => {
    const hint = `A relative path is looked for in ${folder}.`;
    problems.add(placeOf(entry, key), `${entry.key}.${key}`, found, null, hint);
    return null;
  };
  const path = resolve(folder, name);
  try {
    const stat = statSync(path);
    // Never a device or a pipe, which could hold up the start for ever.
    if (!stat.isFile()) return refuse('the file named here is not a plain file');
    if (stat.size > MOST_FILE_BYTES) return refuse('the file named here is larger than 64 KiB');
    const text = readFileSync(path, 'utf8').trim();
    if (text === '') return refuse('the file named here is empty');
    if (!/^[\x21-\x7e]+$/.test(text)) return refuse('the file named here holds more than one word of plain ASCII');
    return text;
  } catch (error) {
    return refuse(`the file named here cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
  }
}

function placeOf(entry: RobotEntry, key: string) {
  return entry.places.get(key) ?? entry.place;
}
