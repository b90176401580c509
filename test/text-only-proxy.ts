import { createServer, type Server } from 'node:http';
import { freePort } from './harness/free-port.js';

/** Stands between a scraper that would ask for OpenMetrics and an exporter, and asks for the text format instead. */
export class TextOnlyProxy {
  /** `Content-Type` of every answer that went through. */
  readonly contentTypes = new Set<string>();

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(target: string): Promise<TextOnlyProxy> {
    const port = await freePort();
    const server = createServer(async (request, response) => {
      // Where the scraper has given up the exporter is told so: else scrapes pile up behind a slow one.
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      try {
        const answer = await fetch(new URL(request.url ?? '/', target), {
          headers: { accept: 'text/plain' },
          signal: gone.signal,
        });
        const type = answer.headers.get('content-type') ?? '';
        proxy.contentTypes.add(type);
        response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
      } catch {
        response.destroy();
      }
    });
    const proxy = new TextOnlyProxy(`http://127.0.0.1:${port}`, server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
