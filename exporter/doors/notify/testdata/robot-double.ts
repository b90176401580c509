import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RobotText {
  title: string;
  text: string;
}

/** What DingTalk does with messages to one robot, as its documentation says. */
export class RobotDouble {
  readonly messages: RobotText[] = [];
  /** Requests, taken or not. */
  requests = 0;
  /** Answered instead of what DingTalk would say. */
  instead: { status: number; body: string } | 'silence' | null = null;
  #server: Server;
  #times: number[] = [];

  private constructor(
    server: Server,
    readonly port: number,
    readonly secret: string | null,
    readonly token: string,
  ) {
    this.#server = server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  static async start(
    secret: string | null = 'SECof-the-robot',
    token = 'access-token-of-the-robot',
  ): Promise<RobotDouble> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const robot = new RobotDouble(server, (server.address() as AddressInfo).port, secret, token);
    robot.#serve();
    return robot;
  }

  /** Takes no connections, until `comeUp`. */
  async goDown(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async comeUp(): Promise<void> {
    this.#server = createServer().listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#serve();
  }

  #serve(): void {
    this.#server.on('request', async (request, response) => {
      this.requests += 1;
      request.setEncoding('utf8');
      let body = '';
      for await (const part of request) body += part;
      const { instead } = this;
      if (instead === 'silence') return;
      const answer = instead ?? { status: 200, body: JSON.stringify(this.#answer(request.url ?? '', body)) };
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  }

  #answer(path: string, body: string): { errcode: number; errmsg: string } {
    const query = new Map(
      (path.split('?')[1] ?? '').split('&').map((pair) => pair.split('=').map(decodeURIComponent) as [string, string]),
    );
    if (!path.startsWith('/robot/send?') || query.get('access_token') !== this.token) {
      return { errcode: 300001, errmsg: `token is not exist: ${query.get('access_token')}` };
    }
    if (this.secret !== null) {
      const timestamp = query.get('timestamp') ?? '';
      const expected = createHmac('sha256', this.secret).update(`${timestamp}\n${this.secret}`).digest('base64');
      const isFresh = Math.abs(Date.now() - Number(timestamp)) < 3_600_000;
      if (query.get('sign') !== expected || !isFresh) return { errcode: 310000, errmsg: 'sign not match' };
    }
    const now = Date.now();
    this.#times = this.#times.filter((time) => now - time < 60_000);
    if (this.#times.length >= 20) return { errcode: 130101, errmsg: 'send too fast, exceed 20 times per minute' };
    this.#times.push(now);
    if (Buffer.byteLength(body) > 20_000) return { errcode: 460101, errmsg: 'message too long, exceed 20000 bytes' };
    const message = JSON.parse(body) as { msgtype: string; markdown: RobotText };
    if (message.msgtype !== 'markdown') return { errcode: 400105, errmsg: 'unsupported msgtype' };
    this.messages.push(message.markdown);
    return { errcode: 0, errmsg: 'ok' };
  }
}
