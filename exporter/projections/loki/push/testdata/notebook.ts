import type { LogEntry } from '../../entry.js';
import type { AnswerClass } from '../answers.js';
import type { DeadLetterSink } from '../dead-letter-sink.js';
import type { PushObserver } from '../observer.js';

/** Writes down what the client tells. */
export class Notebook implements PushObserver {
  readonly answers: AnswerClass[] = [];
  readonly troubles: string[] = [];
  retries = 0;
  entriesStored = 0;
  entriesDead = 0;
  readonly bytes = { plain: 0, compressed: 0 };

  sent({ plain, compressed }: { plain: number; compressed: number }): void {
    this.bytes.plain += plain;
    this.bytes.compressed += compressed;
  }
  answered(answer: AnswerClass): void {
    this.answers.push(answer);
  }
  retried(): void {
    this.retries += 1;
  }
  stored(entries: number): void {
    this.entriesStored += entries;
  }
  dead(entries: number): void {
    this.entriesDead += entries;
  }
  trouble(text: string): void {
    this.troubles.push(text);
  }
}

/** Dead letters in memory. */
export class Letterbox implements DeadLetterSink {
  readonly letters: { entry: LogEntry; tenant: string; reason: string }[] = [];
  /** How often it fails before it works. */
  fails = 0;

  async add(entry: LogEntry, tenant: string, reason: string): Promise<void> {
    if (this.fails > 0) {
      this.fails -= 1;
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    }
    this.letters.push({ entry, tenant, reason });
  }
}
