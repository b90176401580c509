import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readUsage } from '../../exporter/call/usage.js';
import { Conversation } from '../conversation.js';
import { MODELS } from '../models.js';
import { Random } from '../random.js';
import { type ChatTask, partOf } from '../task.js';
import { SUPPORT } from '../texts/support.js';
import { message } from './anthropic.js';
import { pictures, speech, transcription } from './dashscope.js';
import { chatCompletion, embeddings } from './openai.js';

const ID = '0123456789abcdef01234567';
const WHOLE = { streamed: true, share: 1, id: ID };
const { question } = new Conversation(SUPPORT, 'en', 'u-1', 900, new Random('formats'));

const chatTasks = fc
  .tuple(fc.nat(20_000), fc.nat(20_000), fc.nat(20_000), fc.nat(4_000), fc.nat(4_000), fc.nat(2_000))
  .map(
    ([cachedTokens, cacheWriteTokens, rest, said, reasoningTokens, imageTokens]): ChatTask => ({
      kind: 'chat',
      question,
      imageUrl: imageTokens > 1000 ? 'https://uploads.shop.example/1.jpg' : null,
      imageTokens,
      inputTokens: cachedTokens + cacheWriteTokens + rest + imageTokens,
      cachedTokens,
      cacheWriteTokens,
      outputTokens: said + reasoningTokens,
      reasoningTokens,
    }),
  );

test('the exporter reads the counts of a chat completion as they are meant', () => {
  fc.assert(
    fc.property(chatTasks, (task) => {
      const { usage } = chatCompletion(MODELS.qwenThinking, task, WHOLE);
      expect(readUsage(usage)).toMatchObject({
        input_tokens: task.inputTokens,
        output_tokens: task.outputTokens,
        total_tokens: task.inputTokens + task.outputTokens,
        cache_tokens: task.cachedTokens,
        reasoning_tokens: task.reasoningTokens,
        image_tokens: task.imageTokens,
      });
    }),
  );
});

test('and those of a message of Anthropic, which counts the cache apart', () => {
  fc.assert(
    fc.property(chatTasks, (task) => {
      expect(readUsage(message(MODELS.claudeSonnet, task, WHOLE).usage)).toMatchObject({
        input_tokens: task.inputTokens,
        output_tokens: task.outputTokens,
        cache_tokens: task.cachedTokens,
        cache_write_tokens: task.cacheWriteTokens,
      });
    }),
  );
});

test('and those of pictures, sounds and vectors', () => {
  const picture = { kind: 'image', prompt: 'A kettle', count: 3 } as const;
  expect(readUsage(pictures(MODELS.picture, picture, WHOLE).usage)).toMatchObject({ image_count: 3, total_tokens: 0 });
  const voice = { kind: 'speech', text: '您好，请讲。' } as const;
  expect(readUsage(speech(MODELS.speech, voice, WHOLE).usage)).toMatchObject({ characters: 6 });
  const spoken = { kind: 'transcription', text: 'Hello', seconds: 4 } as const;
  expect(readUsage(transcription(MODELS.transcription, spoken, WHOLE).usage)).toMatchObject({ duration: 4_000_000 });
  const passages = { kind: 'embedding', texts: ['one', 'two'], inputTokens: 2 } as const;
  const vectors = embeddings(MODELS.embedding, passages, WHOLE);
  expect(readUsage(vectors.usage)).toMatchObject({ input_tokens: 2, output_tokens: 0 });
  expect(vectors.response).toMatchObject({ data: [{ index: 0 }, { index: 1 }] });
});

test('an answer that broke off is shown as far as it came', () => {
  const task = { ...fc.sample(chatTasks, { numRuns: 1, seed: 1 })[0]!, imageUrl: null };
  const half = { ...WHOLE, share: 0.5 };
  expect(chatCompletion(MODELS.gpt4o, task, half).response).toMatchObject({
    choices: [
      { message: { content: question.reply.slice(0, Math.ceil(question.reply.length / 2)) }, finish_reason: null },
    ],
  });
  expect(message(MODELS.claudeSonnet, task, half).response).toMatchObject({ stop_reason: null });
});

test('a text is cut between characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.double({ min: 0, max: 1, noNaN: true }), (text, share) => {
      const part = partOf(text, share);
      expect(text.startsWith(part)).toBe(true);
      expect(part.isWellFormed()).toBe(text.isWellFormed());
    }),
    { numRuns: 40 },
  );
});
