import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpProblem } from '../../http/problems.js';

const NAME = /^[a-z0-9-]+$/;

/** `GET /runbooks/`, the list of all pages, and `GET /runbooks/NAME`, one as it is written, in Markdown. Public: no token. */
export function runbookRoutes(folder: string = runbooksFolder()) {
  return {
    async list(_request: IncomingMessage, response: ServerResponse): Promise<void> {
      const names = await namesIn(folder);
      const links = names.map((name) => `<li><a href="/runbooks/${name}">${name}</a></li>\n`).join('');
      const page = `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Runbooks</title>\n<h1>Runbooks</h1>\n<ul>\n${links}</ul>\n</html>\n`;
      send(response, 'text/html; charset=utf-8', page);
    },
    async page(name: string, response: ServerResponse): Promise<void> {
      const text = NAME.test(name) ? await textOf(join(folder, `${name}.md`)) : null;
      if (text === null) throw new HttpProblem('not-found', 'There is no runbook of this name: /runbooks/ lists them.');
      send(response, 'text/markdown; charset=utf-8', text);
    },
  };
}

/** Beside the program, built or not, and in the image. */
function runbooksFolder(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? '../../../docs/runbooks' : '../../../../docs/runbooks', import.meta.url));
}

async function namesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const names = files.filter((file) => file.endsWith('.md')).map((file) => file.slice(0, -'.md'.length));
  return names.filter((name) => NAME.test(name)).toSorted();
}

/** @returns null where there is no such file */
async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENAMETOOLONG') return null;
    throw error;
  }
}

function send(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Content-Disposition': 'inline',
    'X-Content-Type-Options': 'nosniff',
  });
  // Node leaves it out of the answer to HEAD.
  response.end(text);
}
