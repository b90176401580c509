import { HeldBytes, type HeldBytesLimits } from './held-bytes.js';
import type { ExpositionFormat } from './negotiate.js';
import { gzippedPieces, plainPieces } from './pieces.js';
import { type BodyReader, SharedBody } from './shared-body.js';

/** 390,000 lines are 2 MB gzipped, so a gzipped render can be joined until it is over. */
const HELD: HeldBytesLimits = { each: 8 * 1024 * 1024, all: 128 * 1024 * 1024 };

export interface RendersOptions {
  /** The exposition as it is now. */
  readonly render: (format: ExpositionFormat) => AsyncGenerator<string, void, void>;
  /** Told why a render failed, once for all its readers. */
  readonly onError: (error: unknown) => void;
  readonly held?: HeldBytesLimits;
}

/**
 * The renders under way. Scrapes of the same format and encoding share one: who comes while it is under
 * way reads it from its beginning, and gets the numbers of the moment at which it began.
 */
export class Renders {
  readonly #held: HeldBytes;
  readonly #latest = new Map<string, SharedBody>();

  constructor(private readonly options: RendersOptions) {
    this.#held = new HeldBytes(options.held ?? HELD);
  }

  /** Bytes that are held because some scraper has not taken them yet, or another may still join. */
  get heldBytes(): number {
    return this.#held.bytes;
  }

  join(format: ExpositionFormat, gzip: boolean): BodyReader {
    const kind = `${format} ${gzip}`;
    const latest = this.#latest.get(kind);
    if (latest?.isJoinable) return latest.join();
    const body = new SharedBody(this.#held);
    const reader = body.join();
    this.#latest.set(kind, body);
    const texts = this.options.render(format);
    void body
      .fill(gzip ? gzippedPieces(texts) : plainPieces(texts))
      .catch(this.options.onError)
      .finally(() => {
        if (this.#latest.get(kind) === body) this.#latest.delete(kind);
      });
    return reader;
  }
}
