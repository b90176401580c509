import type { Question } from './conversation.js';

/** What a call asks for and what comes back, before it is put into a provider's words. Counts are those of the part that came. */
export type Task = ChatTask | EmbeddingTask | PictureTask | SpeechTask | TranscriptionTask;

export interface ChatTask {
  readonly kind: 'chat';
  readonly question: Question;
  /** A picture beside the question, or null. */
  readonly imageUrl: string | null;
  readonly imageTokens: number;
  /** All of them: cached ones, written to the cache, and those of the picture. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  /** Reasoning included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

export interface EmbeddingTask {
  readonly kind: 'embedding';
  readonly texts: readonly string[];
  readonly inputTokens: number;
}

export interface PictureTask {
  readonly kind: 'image';
  readonly prompt: string;
  readonly count: number;
}

export interface SpeechTask {
  readonly kind: 'speech';
  readonly text: string;
}

export interface TranscriptionTask {
  readonly kind: 'transcription';
  readonly seconds: number;
  readonly text: string;
}

/** How much of an answer came. */
export interface Delivered {
  readonly streamed: boolean;
  /** From 0 to 1; below 1 the answer broke off. */
  readonly share: number;
  /** The provider's id of the answer, 24 hexadecimal digits. */
  readonly id: string;
}

/** A request, and its answer, in a provider's message format. */
export interface Exchange {
  readonly request: object;
  readonly response: object;
  readonly usage: object;
}

/** What had come of a text. Cut at a character, never within one. */
export function partOf(text: string, share: number): string {
  if (share >= 1) return text;
  const characters = [...text];
  return characters.slice(0, Math.ceil(characters.length * share)).join('');
}
