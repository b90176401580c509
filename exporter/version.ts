import { existsSync, readFileSync } from 'node:fs';

/** The version in package.json, which is one folder up from the sources and two from the build. */
export const VERSION: string = readVersion();

function readVersion(): string {
  for (const up of ['../package.json', '../../package.json']) {
    const file = new URL(up, import.meta.url);
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  throw new Error('package.json is missing beside the program: reinstall Model Observation');
}
