import { Audience, Conversation, type Question } from './conversation.js';
import type { Random } from './random.js';
import type { ChatTask, Task } from './task.js';
import { Slots } from './texts/slots.js';
import type { Language } from './texts/topic.js';
import { tokensOf } from './tokens.js';
import type { Lane } from './workspaces.js';

/** What is asked next, by whom; and where to say how it went. */
export interface Asked {
  readonly task: Task;
  /** Empty where no person is behind the call. */
  readonly user: string;
  /** @param at ms since the demo began */
  readonly ended: (answered: boolean, at: number) => void;
}

/** Reading an answer and typing the next question. */
const THINKS_MS = [3_000, 20_000] as const;
/** What each message costs beside its text. */
const MESSAGE_TOKENS = 4;
const ACTED_ON_CACHE_SHARE = 0.85;
const OTHERS_FILLED_CACHE_SHARE = 0.4;

/** The application behind a lane: draws what it asks of its model. */
export class Client {
  readonly #audience: Audience;

  constructor(
    private readonly lane: Lane,
    private readonly random: Random,
  ) {
    this.#audience = new Audience(() => this.#newConversation(), random);
  }

  next(now: number): Asked {
    if (this.lane.model.kind === 'chat') return this.#chat(now);
    return { task: this.#otherTask(), user: this.#user(), ended: () => {} };
  }

  #chat(now: number): Asked {
    const conversation = this.#audience.next(now);
    const thinksMs = this.random.between(...THINKS_MS);
    return {
      task: this.#chatTask(conversation.question),
      user: conversation.user,
      ended: (answered, at) => (answered ? conversation.answered(at + thinksMs) : conversation.failed(at + thinksMs)),
    };
  }

  #chatTask(question: Question): ChatTask {
    const { lane, random } = this;
    const withPicture = lane.model.name.includes('-vl-');
    const imageTokens = withPicture ? random.whole(600, 1400) : 0;
    const said = question.messages.reduce((sum, { content }) => sum + tokensOf(content) + MESSAGE_TOKENS, 0);
    const prefix = tokensOf(question.system) + question.leftOutTokens;
    const inputTokens = prefix + said + imageTokens;
    const reasoningTokens =
      lane.model.reasoningTokens > 0 ? Math.round(random.logNormal(lane.model.reasoningTokens, 0.6)) : 0;
    return {
      kind: 'chat',
      question,
      imageUrl: withPicture ? `https://uploads.shop.example/${random.hex(12)}.jpg` : null,
      imageTokens,
      inputTokens,
      ...this.#cache(prefix, inputTokens, question.goesOn),
      outputTokens: tokensOf(question.reply) + reasoningTokens,
      reasoningTokens,
    };
  }

  /** What the provider has read before: the conversation so far, or what all conversations begin with. */
  #cache(prefix: number, input: number, goesOn: boolean): Pick<ChatTask, 'cachedTokens' | 'cacheWriteTokens'> {
    const { provider } = this.lane.model;
    const hit = this.random.chance(goesOn ? ACTED_ON_CACHE_SHARE : OTHERS_FILLED_CACHE_SHARE);
    if (this.lane.batch) return { cachedTokens: 0, cacheWriteTokens: 0 };
    if (provider === 'anthropic') {
      // Asked for in the request: what is not read is written.
      return hit ? { cachedTokens: prefix, cacheWriteTokens: 0 } : { cachedTokens: 0, cacheWriteTokens: prefix };
    }
    const shared = goesOn ? Math.round(input * 0.9) : Math.round(prefix * 0.6);
    const least = provider === 'openai' ? 1024 : 256;
    // In blocks of 128, as OpenAI documents it.
    const cachedTokens = hit && shared >= least ? Math.floor(shared / 128) * 128 : 0;
    return { cachedTokens, cacheWriteTokens: 0 };
  }

  #otherTask(): Task {
    const { lane, random } = this;
    const language = this.#language();
    const text = (): string => new Slots(language, random).fill(random.pick(lane.texts[language]));
    switch (lane.model.kind) {
      case 'embedding': {
        // An index is filled with pieces in tens, a query is one.
        const texts = Array.from({ length: lane.tags.includes('index') ? random.whole(5, 10) : 1 }, text);
        return { kind: 'embedding', texts, inputTokens: texts.reduce((sum, one) => sum + tokensOf(one), 0) };
      }
      case 'image':
        return { kind: 'image', prompt: text(), count: random.pick([1, 1, 1, 2, 4]) };
      case 'speech':
        return { kind: 'speech', text: text() };
      default: {
        const spoken = text();
        return { kind: 'transcription', text: spoken, seconds: Math.round(spoken.length / random.between(4, 12)) + 1 };
      }
    }
  }

  #newConversation(): Conversation {
    const { lane, random } = this;
    if (lane.topic === null) throw new Error(`${lane.application} of ${lane.workspace} has nothing to talk about.`);
    return new Conversation(lane.topic, this.#language(), this.#user(), lane.context, random);
  }

  #language(): Language {
    return this.random.chance(this.lane.chinese) ? 'zh' : 'en';
  }

  #user(): string {
    return this.lane.users === 0 ? '' : `u-${this.random.whole(1, this.lane.users)}`;
  }
}
