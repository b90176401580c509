import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './harness/project-root.js';

/** Says of a path whether an image may be built from it, as .dockerignore has it: the last line that matches wins. */
export function contextFilter(ignoreFile: string): (path: string) => boolean {
  const rules = ignoreFile
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ lets: line.startsWith('!'), matches: matcher(line.replace(/^!/, '')) }));
  return (path) => rules.findLast(({ matches }) => matches.test(path))?.lets ?? true;
}

/** A pattern matches a path and all that is below it. `*` stays in one folder, `**` does not. */
function matcher(pattern: string): RegExp {
  const source = pattern
    .replace(/^\/|\/$/g, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**/', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '(?:.*/)?');
  return new RegExp(`^${source}(?:/.*)?$`);
}

/** Folders that are large, and that no image is built from. */
const NEVER = new Set(['.git', 'node_modules', 'dist', 'data', '.tools', 'coverage']);

/** The files that the repository's image is built from, relative to the project. */
export function buildContext(): string[] {
  const lets = contextFilter(readFileSync(join(PROJECT_ROOT, '.dockerignore'), 'utf8'));
  const filesBelow = (folder: string): string[] =>
    readdirSync(join(PROJECT_ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return NEVER.has(entry.name) ? [] : filesBelow(path);
      return lets(path) ? [path] : [];
    });
  return filesBelow('');
}
