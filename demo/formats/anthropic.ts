import type { Model } from '../models.js';
import { type ChatTask, type Delivered, type Exchange, partOf } from '../task.js';

/** A message of Anthropic's API, whose `input_tokens` leaves out what was read from the cache or written to it. */
export function message(model: Model, task: ChatTask, { streamed, share, id }: Delivered): Exchange {
  const { question } = task;
  return {
    request: {
      model: model.name,
      max_tokens: 1024,
      system: [
        { type: 'text', text: question.system },
        { type: 'text', text: question.leftOut, cache_control: { type: 'ephemeral' } },
      ],
      messages: question.messages,
      ...(streamed && { stream: true }),
    },
    response: {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      model: model.name,
      content: [{ type: 'text', text: partOf(question.reply, share) }],
      stop_reason: share < 1 ? null : 'end_turn',
    },
    usage: {
      input_tokens: task.inputTokens - task.cachedTokens - task.cacheWriteTokens,
      cache_creation_input_tokens: task.cacheWriteTokens,
      cache_read_input_tokens: task.cachedTokens,
      output_tokens: task.outputTokens,
    },
  };
}
