import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './harness/project-root.js';

export interface Instruction {
  /** In capitals, such as `COPY`. */
  name: string;
  /** All that follows, on one line. */
  text: string;
}

/** A Dockerfile's stages in order; the last one is the image. */
export type Stages = readonly (readonly Instruction[])[];

/** The repository's Dockerfile, as far as this project writes one: no heredocs, no ARG before FROM. */
export function readDockerfile(): Stages {
  const text = readFileSync(join(PROJECT_ROOT, 'Dockerfile'), 'utf8')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ');
  const stages: Instruction[][] = [];
  for (const line of text.split('\n')) {
    const [, name, rest] = /^\s*([A-Z]+)\s+(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, text: rest });
  }
  return stages;
}

/** The text of the one instruction of that name. @throws when there is none, or more than one */
export function only(stage: readonly Instruction[], name: string): string {
  const found = stage.filter((instruction) => instruction.name === name);
  if (found.length !== 1) throw new Error(`${found.length} ${name} in a stage of the Dockerfile, not one`);
  return found[0]!.text;
}

/** The words of an instruction in exec form: `["node", "main.js"]`. @throws when it is in shell form */
export function words(text: string): string[] {
  return JSON.parse(text) as string[];
}

/** The words of HEALTHCHECK's command. */
export function healthCheck(image: readonly Instruction[]): string[] {
  return words(only(image, 'HEALTHCHECK').replace(/^.*?\bCMD\s+/, ''));
}

/** Environment variables that the image sets; values without blanks or quotes. */
export function environment(image: readonly Instruction[]): Record<string, string> {
  const pairs = image.filter(({ name }) => name === 'ENV').flatMap(({ text }) => text.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/** What is copied out of the build context, by all stages. */
export function copiedSources(stages: Stages): string[] {
  return stages.flat().flatMap(({ name, text }) => {
    if (name !== 'COPY' || /--from=/.test(text)) return [];
    const paths = text.split(/\s+/).filter((word) => !word.startsWith('--'));
    return paths.slice(0, -1);
  });
}
