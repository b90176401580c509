import type { Random } from './random.js';
import { Slots } from './texts/slots.js';
import type { Language, Scenario, Topic } from './texts/topic.js';

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** One question within a conversation, with everything that was said before. */
export interface Question {
  readonly language: Language;
  readonly system: string;
  /** What the gateway left out of the record. */
  readonly leftOut: string;
  readonly leftOutTokens: number;
  /** Ends with the user's question. */
  readonly messages: readonly Message[];
  /** What the model answers when nothing goes wrong. */
  readonly reply: string;
  /** Whether the beginning of the input has been sent before. */
  readonly goesOn: boolean;
}

/** A user who talks about one thing, turn by turn. A turn that failed is asked again. */
export class Conversation {
  readonly #turns: Scenario;
  readonly #said: Message[] = [];
  readonly #leftOutTokens: number;
  #turn = 0;
  #waitsUntil = 0;

  /** @param leftOutTokens median of what the model reads beside the messages */
  constructor(
    private readonly topic: Topic,
    readonly language: Language,
    readonly user: string,
    leftOutTokens: number,
    random: Random,
  ) {
    const slots = new Slots(language, random);
    this.#turns = random
      .pick(topic.scenarios[language])
      .map(([question, reply]) => [
        slots.fill(question),
        withClosing(slots.fill(reply), topic, language, slots, random),
      ]);
    this.#leftOutTokens = Math.round(random.logNormal(leftOutTokens, 0.4));
  }

  get question(): Question {
    const { topic, language } = this;
    const [question, reply] = this.#turns[this.#turn]!;
    return {
      language,
      system: topic.system[language],
      leftOut: topic.leftOut[language](this.#leftOutTokens.toLocaleString('en-US')),
      leftOutTokens: this.#leftOutTokens,
      messages: [...this.#said, { role: 'user', content: question }],
      reply,
      goesOn: this.#turn > 0,
    };
  }

  /** Whether the user is done reading and has more to say. */
  isReady(now: number): boolean {
    return now >= this.#waitsUntil;
  }

  get isOver(): boolean {
    return this.#turn >= this.#turns.length;
  }

  /** @param readyAt when the user will have read the answer and typed the next question */
  answered(readyAt: number): void {
    const [question, reply] = this.#turns[this.#turn]!;
    this.#said.push({ role: 'user', content: question }, { role: 'assistant', content: reply });
    this.#turn += 1;
    this.#waitsUntil = readyAt;
  }

  failed(readyAt: number): void {
    this.#waitsUntil = readyAt;
  }
}

function withClosing(reply: string, { closings }: Topic, language: Language, slots: Slots, random: Random): string {
  const sentences = random.shuffled(closings[language]).slice(0, random.pick([0, 0, 1, 1, 2, 3]));
  const between = language === 'en' ? ' ' : '';
  return [reply, ...sentences.map((sentence) => slots.fill(sentence))].join(between);
}

/** Most users of one application who are in the middle of something; the longest silent are forgotten. */
const MOST_OPEN = 60;
/** So many calls go on with a conversation, where somebody is ready to. */
const GOES_ON_SHARE = 0.6;

/** The users of one application. */
export class Audience {
  #open: Conversation[] = [];

  constructor(
    private readonly begin: () => Conversation,
    private readonly random: Random,
  ) {}

  /** Who asks next. */
  next(now: number): Conversation {
    this.#open = this.#open.filter(({ isOver }) => !isOver);
    if (this.random.chance(GOES_ON_SHARE)) {
      const ready = this.#open.find((conversation) => conversation.isReady(now));
      if (ready !== undefined) return ready;
    }
    const conversation = this.begin();
    this.#open.push(conversation);
    if (this.#open.length > MOST_OPEN) this.#open.shift();
    return conversation;
  }
}
