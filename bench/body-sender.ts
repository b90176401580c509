import { Agent, request } from 'node:http';

/** Sends NDJSON bodies of call records over a few connections. */
export class BodySender {
  readonly #agent: Agent;

  constructor(
    private readonly url: string,
    private readonly connections: number,
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Sends all, in order, as many at a time as there are connections. @throws Error for an answer other than 202 */
  async sendAll(bodies: readonly Buffer[]): Promise<void> {
    let next = 0;
    const connection = async (): Promise<void> => {
      while (next < bodies.length) {
        const body = bodies[next]!;
        next += 1;
        await this.#send(body);
      }
    };
    await Promise.all(Array.from({ length: this.connections }, connection));
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(body: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { 'Content-Type': 'application/x-ndjson', 'Content-Length': body.length };
      const sent = request(`${this.url}/v1/calls`, { method: 'POST', agent: this.#agent, headers }, (response) => {
        response.resume();
        response.on('end', () =>
          response.statusCode === 202 ? resolve() : reject(new Error(`the exporter answered ${response.statusCode}`)),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
