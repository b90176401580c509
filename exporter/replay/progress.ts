import { type ProgressFacts, progressBar, progressText } from './progress-line.js';

/** What of a stream tells whether a person is watching. */
export interface Screen {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface ProgressOptions {
  screen: Screen;
  /** A line that is redrawn, a line now and then, or none. */
  style: 'bar' | 'lines' | 'none';
  colour: boolean;
  /** ms, for the rate. */
  now: () => number;
  facts: () => Omit<ProgressFacts, 'perSecond'>;
}

const REDRAW_MS = 200;
const LINE_MS = 10_000;
/** The rate is that of so many last redraws: steady enough to be read. */
const RATE_SAMPLES = 25;
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = '\r\u001b[K';

/** Shows how far the replay has come while it runs, and lets messages through without tearing either. */
export class Progress {
  #samples: { at: number; done: number }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #drawn = false;

  constructor(private readonly options: ProgressOptions) {}

  start(): void {
    const { style } = this.options;
    if (style === 'none') return;
    this.#sample();
    this.#timer = setInterval(() => this.#show(), style === 'bar' ? REDRAW_MS : LINE_MS);
    this.#timer.unref();
  }

  /** Writes a line of its own. */
  message(text: string): void {
    this.#clear();
    this.options.screen.write(`${text}\n`);
  }

  /** Nothing is drawn any more, and nothing drawn is left. */
  finish(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#clear();
  }

  #show(): void {
    const { screen, style, colour, facts } = this.options;
    const shown = { ...facts(), perSecond: this.#sample() };
    if (style === 'lines') {
      screen.write(`${progressText(shown)}\n`);
      return;
    }
    const columns = screen.columns !== undefined && screen.columns > 0 ? screen.columns : DEFAULT_COLUMNS;
    screen.write(`${CLEAR_LINE}${progressBar(shown, columns, colour)}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.options.screen.write(CLEAR_LINE);
    this.#drawn = false;
  }

  /** @returns records per second over the last samples */
  #sample(): number {
    const { now, facts, style } = this.options;
    const newest = { at: now(), done: facts().done };
    this.#samples.push(newest);
    if (this.#samples.length > (style === 'bar' ? RATE_SAMPLES : 2)) this.#samples.shift();
    const oldest = this.#samples[0]!;
    return newest.at > oldest.at ? ((newest.done - oldest.done) * 1000) / (newest.at - oldest.at) : 0;
  }
}
