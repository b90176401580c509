import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TOKEN_KEYS } from './catalogue.js';
import type { Problems } from './config-error.js';
import type { Entry } from './kind.js';
import type { TokenSettings } from './settings.js';

/** Below this a token can be guessed at the speed of the network. */
const LEAST_CHARACTERS = 16;

/** What they give cannot be narrowed to one workspace. */
const WIDE_SCOPES = ['scrape', 'notify'] as const;
type WideScope = (typeof WIDE_SCOPES)[number];
const WIDE_REASONS: Readonly<Record<WideScope, string>> = {
  scrape: '/metrics shows every workspace',
  notify: 'Alertmanager tells of every workspace',
};

type TokenEntry = Entry<typeof TOKEN_KEYS>;

/**
 * The tokens with their hashes; token files are read here and nothing of them but the hash is kept.
 * @param folder the folder that relative token files are looked for in
 */
export function readTokens(entries: readonly TokenEntry[], folder: string, problems: Problems): TokenSettings[] {
  const tokens: TokenSettings[] = [];
  const names = new Map<string, TokenEntry>();
  const hashes = new Map<string, string>();
  for (const entry of entries) {
    const { name, scopes, workspace } = entry.values;
    const first = names.get(name);
    if (first === undefined) names.set(name, entry);
    else sameName(entry, first, problems);
    if (workspace !== null) {
      for (const scope of WIDE_SCOPES) if (scopes.includes(scope)) narrowed(entry, scope, problems);
    }
    const sha256 = hashOf(entry, folder, problems);
    if (sha256 === null) continue;
    const other = hashes.get(sha256);
    if (other !== undefined) {
      problems.add(entry.place, entry.key, `the same token as ${other}`, null, 'Make a token for each entry.');
    }
    hashes.set(sha256, entry.key);
    tokens.push({ name, scopes, workspace, sha256 });
  }
  return tokens;
}

function sameName(entry: TokenEntry, first: TokenEntry, problems: Problems): void {
  const found = `the same name as ${first.key} on line ${first.place.line}`;
  problems.add(entry.places.get('name') ?? entry.place, `${entry.key}.name`, found, null, 'Give each token its own.');
}

/** Refused, because whoever wrote it believes that the token sees one workspace. */
function narrowed(entry: TokenEntry, scope: WideScope, problems: Problems): void {
  const place = entry.places.get('workspace') ?? entry.place;
  const hint = `${WIDE_REASONS[scope]}: give ${scope} to a token without a workspace.`;
  problems.add(place, `${entry.key}.workspace`, `cannot narrow the scope ${scope}`, null, hint);
}

/** Null when there is no usable token; `problems` has been told. */
function hashOf(entry: TokenEntry, folder: string, problems: Problems): string | null {
  const file = entry.places.has('token_file');
  const hash = entry.places.has('token_sha256');
  if (file === hash) {
    const found = file ? 'found both token_file and token_sha256' : 'found neither token_file nor token_sha256';
    problems.add(entry.place, entry.key, found, 'exactly one of token_file and token_sha256');
    return null;
  }
  if (entry.values.token_sha256 !== null) return entry.values.token_sha256.toLowerCase();
  if (entry.values.token_file === null) return null;
  const token = tokenIn(resolve(folder, entry.values.token_file));
  if ('wrong' in token) {
    const place = entry.places.get('token_file') ?? entry.place;
    // The path is not shown: somebody may have pasted the token itself.
    problems.add(place, `${entry.key}.token_file`, token.wrong, null, token.hint);
    return null;
  }
  return createHash('sha256').update(token.text).digest('hex');

  function tokenIn(path: string): { text: string } | { wrong: string; hint: string | null } {
    const lookedIn = `A relative path is looked for in ${folder}.`;
    let text: string;
    try {
      // Never a device or a pipe, which could hold up the start for ever.
      if (!statSync(path).isFile()) return { wrong: 'the file named here is not a plain file', hint: lookedIn };
      text = readFileSync(path, 'utf8').trim();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
      return { wrong: `the file named here cannot be read (${code})`, hint: lookedIn };
    }
    if (text === '') return { wrong: 'the file named here is empty', hint: 'Write the token into it.' };
    if (!/^[\x21-\x7e]+$/.test(text)) {
      return { wrong: 'the file named here holds more than one word of plain ASCII', hint: 'Write only the token.' };
    }
    if (text.length < LEAST_CHARACTERS) {
      const hint = `Use at least ${LEAST_CHARACTERS}, for example from: openssl rand -hex 32.`;
      return { wrong: `the token in the file named here has ${text.length} characters`, hint };
    }
    return { text };
  }
}
