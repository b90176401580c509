import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { BodyReader } from './shared-body.js';

/**
 * One scraper's answer: takes pieces from a body as fast as the connection takes them. A scraper that
 * takes nothing for too long is cut off.
 */
export class Answer {
  /** Bytes handed to the connection. */
  bytes = 0;
  #wake = (): void => {};

  /** @param stalledAfterMs how long a scraper may take nothing of its answer */
  constructor(
    private readonly response: ServerResponse,
    private readonly reader: BodyReader,
    private readonly stalledAfterMs: number,
  ) {
    response.on('drain', () => this.#wake());
    response.on('finish', () => this.#wake());
    response.once('close', () => {
      reader.leave();
      this.#wake();
    });
    response.on('timeout', () => response.destroy());
  }

  /**
   * @param begin sets status and headers; called when there is something to send
   * @returns whether the scraper has taken all of it: false where it went away or was cut off
   * @throws BodyFailed; the headers may have been sent by then
   */
  async send(begin: () => void): Promise<boolean> {
    const { response, reader } = this;
    try {
      for (let piece = await reader.read(); piece !== null; piece = await reader.read()) {
        if (!response.headersSent) begin();
        this.bytes += piece.length;
        if (!response.write(piece)) await this.#taken();
        if (this.#isOver) return false;
        response.setTimeout(0);
        // Where the body is there and the connection takes it at once, nobody else would get a turn.
        await setImmediate();
      }
      if (this.#isOver) return false;
      response.end();
      await this.#taken();
      return response.writableFinished;
    } finally {
      reader.leave();
    }
  }

  get #isOver(): boolean {
    return this.response.closed || this.response.destroyed;
  }

  /** Resolves when everything written was handed to the system, or when nobody will take it any more. */
  async #taken(): Promise<void> {
    if (this.#isOver) return;
    // Any progress on the connection begins the time anew. While the body is being made no time runs.
    this.response.setTimeout(this.stalledAfterMs);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
