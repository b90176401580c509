import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROJECT_ROOT } from './harness/project-root.js';

/** What docker-compose.yml says, in those of Compose's forms that it uses. */
export interface ComposeFile {
  services: Record<string, Service>;
  networks?: Record<string, unknown>;
  volumes?: Record<string, unknown>;
}

export interface Service {
  image?: string;
  build?: string;
  entrypoint?: string[];
  command?: string[];
  working_dir?: string;
  user?: string;
  restart?: string;
  init?: boolean;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  privileged?: boolean;
  network_mode?: string;
  security_opt?: string[];
  pids_limit?: number;
  mem_limit?: string;
  stop_grace_period?: string;
  logging?: { options?: Record<string, string> };
  networks?: string[];
  ports?: string[];
  environment?: Record<string, string>;
  /** `source:target[:ro]` */
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[]; interval: string; timeout: string; start_period: string };
}

export interface Mount {
  /** A named volume, or a path that begins with `./`, relative to the project. */
  source: string;
  target: string;
  readOnly: boolean;
}

export function readComposeFile(): ComposeFile {
  return parse(readFileSync(join(PROJECT_ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as ComposeFile;
}

export function mountsOf(service: Service): Mount[] {
  return (service.volumes ?? []).map((text) => {
    const [source = '', target = '', mode] = text.split(':');
    return { source, target, readOnly: mode === 'ro' };
  });
}

/** Where a path of the container lies in the project: by the mount that is nearest to it. */
export function inRepository(service: Service, path: string): string {
  const mounts = mountsOf(service).filter(({ target }) => path === target || path.startsWith(`${target}/`));
  const nearest = mounts.sort((a, b) => b.target.length - a.target.length)[0];
  if (nearest === undefined || !nearest.source.startsWith('./')) throw new Error(`${path} is not in the repository`);
  return join(nearest.source, path.slice(nearest.target.length));
}

/** Milliseconds of a Compose duration such as `1m30s`. @throws where it is none */
export function milliseconds(text: string): number {
  if (!/^(\d+(ms|h|m|s))+$/.test(text)) throw new Error(`"${text}" is no duration of Compose`);
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  return [...text.matchAll(/(\d+)(ms|h|m|s)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit!]!,
    0,
  );
}
