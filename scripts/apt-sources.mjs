import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Suites that name the distribution's archive without its codename. */
const ROLLING = ['stable', 'oldstable', 'testing', 'unstable', 'sid'];

/**
 * The system's own package sources, cut down to the part of the distribution's archive that can hold Prometheus: third
 * parties' sources, other components and source packages would only cost time and may fail on their own.
 *
 * @param {string} etc usually /etc/apt
 * @param {readonly string[]} codenames of the running release
 * @param {boolean} isUbuntu
 * @returns {string[]} stanzas in the deb822 form; all of the system's when none looks like the distribution's
 */
export function archiveSources(etc, codenames, isUbuntu) {
  const all = [
    ...parseOneLine(readIfThere(join(etc, 'sources.list'))),
    ...filesOf(join(etc, 'sources.list.d')).flatMap((path) => {
      if (path.endsWith('.list')) return parseOneLine(readIfThere(path));
      return path.endsWith('.sources') ? parseStanzas(readIfThere(path)) : [];
    }),
  ]
    .filter(isUsable)
    .map((source) => new Map([...source, ['types', 'deb']]));

  const wanted = isUbuntu ? 'universe' : 'main';
  const archive = all.flatMap((source) => {
    const suites = words(source.get('suites')).filter((suite) => isArchiveSuite(suite, codenames));
    if (suites.length === 0 || !words(source.get('components')).includes(wanted)) return [];
    return [new Map([...source, ['suites', suites.join(' ')], ['components', wanted]])];
  });
  return (archive.length > 0 ? archive : all).map(format);
}

/** @typedef {Map<string, string>} Source field name in lower case → value, continuation lines included */

/**
 * @param {string} suite
 * @param {readonly string[]} codenames
 */
function isArchiveSuite(suite, codenames) {
  return [...codenames, ...ROLLING].some((name) => {
    return name !== '' && [name, `${name}-updates`, `${name}-security`, `${name}/updates`].includes(suite);
  });
}

/** @param {Source} source */
function isUsable(source) {
  const isOff = /^(no|false|0|off|disable|without)$/i.test(source.get('enabled') ?? 'yes');
  return !isOff && words(source.get('types')).includes('deb') && !/^cdrom:/.test(source.get('uris') ?? '');
}

/**
 * @param {string} text
 * @returns {Source[]}
 */
function parseStanzas(text) {
  return text
    .split(/\n\s*\n/)
    .map((stanza) => {
      /** @type {Source} */
      const source = new Map();
      let field = '';
      for (const line of stanza.split('\n').filter((line) => !line.startsWith('#') && line.trim() !== '')) {
        const start = /^([A-Za-z][\w-]*):(.*)$/.exec(line);
        if (start?.[1] !== undefined) {
          field = start[1].toLowerCase();
          source.set(field, (start[2] ?? '').trim());
        } else if (field) {
          // A key written into the stanza keeps its lines.
          source.set(field, `${source.get(field)}\n${line}`);
        }
      }
      return source;
    })
    .filter((source) => source.size > 0);
}

/**
 * @param {string} text
 * @returns {Source[]}
 */
function parseOneLine(text) {
  return text.split('\n').flatMap((line) => {
    const parts = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)([^#]*)/.exec(line);
    if (!parts) return [];
    const [, options = '', uri = '', suite = '', components = ''] = parts;
    /** @type {Source} */
    const source = new Map([
      ['types', 'deb'],
      ['uris', uri],
      ['suites', suite],
      ['components', components.trim()],
    ]);
    for (const option of words(options)) {
      const [name = '', value = ''] = option.split('=');
      source.set(ONE_LINE_OPTIONS[name.toLowerCase()] ?? name.toLowerCase(), value.replaceAll(',', ' '));
    }
    return [source];
  });
}

/** Options whose name in the one-line form is not the field's. @type {Record<string, string>} */
const ONE_LINE_OPTIONS = { arch: 'architectures', lang: 'languages', target: 'targets' };

/** @param {Source} source */
function format(source) {
  return [...source]
    .map(([field, value]) => (value === '' ? '' : `${field}: ${value}`))
    .filter(Boolean)
    .join('\n');
}

/** @param {string | undefined} text */
function words(text) {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

/** @param {string} folder */
function filesOf(folder) {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
