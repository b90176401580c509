import type { Model } from '../models.js';
import { type ChatTask, type Delivered, type EmbeddingTask, type Exchange, partOf } from '../task.js';

/** A chat completion, as OpenAI's API and everything that is compatible with it has it. */
export function chatCompletion(model: Model, task: ChatTask, { streamed, share, id }: Delivered): Exchange {
  const { question, imageUrl } = task;
  const last = question.messages.length - 1;
  const messages = question.messages.map(({ role, content }, index) =>
    imageUrl !== null && index === last
      ? {
          role,
          content: [
            { type: 'image_url', image_url: { url: imageUrl } },
            { type: 'text', text: content },
          ],
        }
      : { role, content },
  );
  return {
    request: {
      model: model.name,
      messages: [
        { role: 'system', content: question.system },
        ...(question.leftOutTokens > 0 ? [{ role: 'system', content: question.leftOut }] : []),
        ...messages,
      ],
      ...(streamed && { stream: true, stream_options: { include_usage: true } }),
      ...(model.reasoningTokens > 0 && { enable_thinking: true }),
    },
    response: {
      id: `chatcmpl-${id}`,
      object: 'chat.completion',
      model: model.name,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: partOf(question.reply, share) },
          finish_reason: share < 1 ? null : 'stop',
        },
      ],
    },
    usage: {
      prompt_tokens: task.inputTokens,
      completion_tokens: task.outputTokens,
      total_tokens: task.inputTokens + task.outputTokens,
      prompt_tokens_details: {
        cached_tokens: task.cachedTokens,
        ...(task.imageTokens > 0 && {
          image_tokens: task.imageTokens,
          text_tokens: task.inputTokens - task.imageTokens,
        }),
      },
      ...(model.reasoningTokens > 0 && {
        completion_tokens_details: {
          reasoning_tokens: task.reasoningTokens,
          text_tokens: task.outputTokens - task.reasoningTokens,
        },
      }),
    },
  };
}

const DIMENSIONS = 1024;

/** Vectors for texts; the vectors themselves are of no use to anybody who reads a log. */
export function embeddings(model: Model, { texts, inputTokens }: EmbeddingTask, { id }: Delivered): Exchange {
  return {
    request: { model: model.name, input: texts, dimensions: DIMENSIONS, encoding_format: 'float' },
    response: {
      id,
      object: 'list',
      model: model.name,
      data: texts.map((_, index) => ({
        object: 'embedding',
        index,
        embedding: `[${DIMENSIONS} numbers, left out of the record]`,
      })),
    },
    usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
  };
}
