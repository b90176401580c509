// The image without an engine to build it: what the Dockerfile says, and its steps on this machine.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildContext, contextFilter } from './build-context.js';
import { copiedSources, environment, healthCheck, only, readDockerfile, words } from './dockerfile.js';
import { freePort } from './harness/free-port.js';
import { PROJECT_ROOT } from './harness/project-root.js';
import { ServerProcess } from './harness/server-process.js';
import { temporaryFolder } from './harness/temporary-folder.js';

const stages = readDockerfile();
const image = stages.at(-1)!;
const manifest = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
  engines: { node: string };
  dependencies: Record<string, string>;
};

describe('the Dockerfile', () => {
  it('builds and runs on one Node, by exact version, that the project supports', () => {
    const bases = new Set(stages.map((stage) => only(stage, 'FROM').replace(/ AS \w+$/, '')));
    expect([...bases]).toEqual([expect.stringMatching(/^node:\d+\.\d+\.\d+-[a-z]+-slim(@sha256:[0-9a-f]{64})?$/)]);
    const found = /node:(\d+)\.(\d+)/.exec([...bases].join())!;
    const least = /^>=(\d+)\.(\d+)$/.exec(manifest.engines.node)!;
    expect(asNumber(found)).toBeGreaterThanOrEqual(asNumber(least));
  });

  it('copies only what is there and let through', () => {
    const context = buildContext();
    const copied = copiedSources(stages);
    expect(copied).toContain('exporter');
    for (const source of copied) {
      const inContext = context.some((path) => path === source || path.startsWith(`${source}/`));
      expect(inContext, `${source} is in the build context`).toBe(true);
    }
  });

  it('runs as a user of its own, on a data directory that is a volume of that user', () => {
    const user = only(image, 'USER');
    expect(user).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
    const data = only(image, 'VOLUME');
    expect(environment(image)).toMatchObject({ NODE_ENV: 'production', MODEL_OBSERVATION_DATA_DIR: data });
    const [uid, gid] = user.split(':');
    expect(only(image, 'RUN')).toContain(`install --directory --owner=${uid} --group=${gid} --mode=0700 ${data}`);
    const order = image.map(({ name }) => name);
    // What is changed in a folder after it was made a volume is lost.
    expect(order.indexOf('VOLUME')).toBeGreaterThan(order.indexOf('RUN'));
    expect(order.indexOf('USER')).toBeGreaterThan(order.lastIndexOf('COPY'));
  });

  it('asks for its health at the port that it listens on', () => {
    const port = only(image, 'EXPOSE');
    expect(environment(image).MODEL_OBSERVATION_LISTEN).toBe(`:${port}`);
    expect(healthCheck(image).join(' ')).toContain(`http://127.0.0.1:${port}/-/healthy`);
  });
});

describe('what the image is built from', () => {
  it.each([
    ['*\n!a\n**/*.test.ts', { a: true, 'a/b.ts': true, 'a/b/c.test.ts': false, b: false, 'c.test.ts': false }],
    ['*\n!config/*.yml', { 'config/a.yml': true, 'config/b/a.yml': false, 'config/token': false, config: false }],
    ['# none\n\n**/testdata', { testdata: false, 'a/b/testdata/c': false, 'testdata.ts': true }],
  ])('reads .dockerignore as Docker does: %j', (text, expected) => {
    const lets = contextFilter(text);
    expect(Object.fromEntries(Object.keys(expected).map((path) => [path, lets(path)]))).toEqual(expected);
  });

  it('has no tests, data, secrets or history', () => {
    const lets = contextFilter(readFileSync(join(PROJECT_ROOT, '.dockerignore'), 'utf8'));
    const outside = ['.git/config', '.env', 'data/keys.json', 'node_modules/a/index.js', 'dist/exporter/main.js'];
    const secrets = ['config/prometheus-token', 'config/secrets/token', 'config/tls.pem'];
    const tests = ['test/image.test.ts', 'exporter/app.test.ts', 'exporter/spool/testdata/v1.seg'];
    expect([...outside, ...secrets, ...tests].filter(lets)).toEqual([]);
  });
});

describe('the steps of the Dockerfile', () => {
  it('build a tree that serves with its production dependencies alone, tells its health, and stops', async () => {
    const build = await temporaryFolder('image-build');
    for (const path of buildContext()) copyInto(build, path);
    // `npm ci` has been run already, for this very lock file.
    symlinkSync(join(PROJECT_ROOT, 'node_modules'), join(build, 'node_modules'));
    const built = spawnSync(process.execPath, ['scripts/run.mjs', 'build'], { cwd: build, encoding: 'utf8' });
    expect(built.stderr).toMatch(/^built in /m);
    expect(built.status).toBe(0);

    const app = await temporaryFolder('image');
    for (const path of ['LICENSE', 'package.json', 'config', 'docs/runbooks'])
      cpSync(join(build, path), join(app, path), RECURSIVE);
    cpSync(join(build, 'dist/exporter'), join(app, 'dist/exporter'), RECURSIVE);
    // Not even the dependencies of these: what the exporter imports must be one of its own.
    for (const name of Object.keys(manifest.dependencies)) {
      mkdirSync(dirname(join(app, 'node_modules', name)), RECURSIVE);
      symlinkSync(join(PROJECT_ROOT, 'node_modules', name), join(app, 'node_modules', name));
    }

    const port = await freePort();
    const [node, ...args] = [...words(only(image, 'ENTRYPOINT')), ...words(only(image, 'CMD'))];
    expect(node).toBe('node');
    const server = await ServerProcess.spawn({
      name: 'the image',
      command: process.execPath,
      args,
      cwd: app,
      env: {
        ...environment(image),
        MODEL_OBSERVATION_LISTEN: `127.0.0.1:${port}`,
        MODEL_OBSERVATION_DATA_DIR: await temporaryFolder('image-data'),
      },
    });
    await server.untilOk(`http://127.0.0.1:${port}/-/ready`);
    expect(health(port)).toBe(0);
    const sent = await fetch(`http://127.0.0.1:${port}/v1/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"qwen-plus"}',
    });
    expect(sent.status).toBe(202);
    const runbooks = await (await fetch(`http://127.0.0.1:${port}/runbooks/`)).text();
    const [, page = ''] = /href="([^"]+)"/.exec(runbooks) ?? [];
    expect((await fetch(`http://127.0.0.1:${port}${page}`)).headers.get('content-type')).toContain('text/markdown');
    expect(await server.stop()).toBe(0);
    expect(health(port)).toBe(1);
  });
});

const RECURSIVE = { recursive: true };

function copyInto(folder: string, path: string): void {
  mkdirSync(dirname(join(folder, path)), RECURSIVE);
  cpSync(join(PROJECT_ROOT, path), join(folder, path));
  expect(existsSync(join(folder, path))).toBe(true);
}

/** The exit code of the image's health check, asked at another port. */
function health(port: number): number | null {
  const [, ...args] = healthCheck(image).map((word) => word.replace(`:${only(image, 'EXPOSE')}/`, `:${port}/`));
  return spawnSync(process.execPath, args, { timeout: 10_000 }).status;
}

/** Major and minor, as one number to compare by. */
function asNumber([, major, minor]: RegExpExecArray): number {
  return Number(major) * 1000 + Number(minor);
}
