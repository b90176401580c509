import type { AnswerClass } from './answers.js';

/** Is told what happens, for metrics and the log. Nothing that it hears holds content. */
export interface PushObserver {
  /** A request has gone out. */
  sent(bytes: { plain: number; compressed: number }): void;
  /** What came of a request. */
  answered(answer: AnswerClass, seconds: number): void;
  /** The same entries go out once more. */
  retried(): void;
  stored(entries: number, tenant: string): void;
  /** Entries that Loki refused for good, now in the dead letters. */
  dead(entries: number, tenant: string): void;
  /** What is in the way, with what to do; again with each attempt. */
  trouble(text: string, waitMs: number, tenant: string): void;
}
