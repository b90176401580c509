import { MODELS, type Model } from './models.js';
import { type Rhythm, rhythm } from './rhythm.js';
import { CHECKOUT, CHECKOUT_PHOTOS } from './texts/checkout.js';
import { LABELS, REPORTS } from './texts/nightly.js';
import { PICTURES, PLAYGROUND } from './texts/playground.js';
import { PASSAGES, SEARCH_REWRITING } from './texts/search.js';
import { SUPPORT, VOICE } from './texts/support.js';
import type { Language, Topic } from './texts/topic.js';

/** Which shares of a workspace's calls do not end well when nothing is wrong anywhere. */
export interface Habits {
  /** Wrong parameters, expired keys, input that is too long. */
  readonly clientError: number;
  readonly moderated: number;
  /** The first token never came. */
  readonly stuck: number;
  /** Streamed calls that stop in the middle of the answer. */
  readonly stalled: number;
  readonly serverError: number;
  /** The user went away. */
  readonly cancelled: number;
}

/** One stream of calls: an application with a key calls a model. */
export interface Lane {
  readonly workspace: string;
  readonly application: string;
  readonly key: string;
  readonly model: Model;
  readonly batch: boolean;
  /** Share of all calls of the demo, before scaling. */
  readonly weight: number;
  readonly rhythm: Rhythm;
  readonly habits: Habits;
  /** Share of streamed calls. */
  readonly streamed: number;
  /** Share of Chinese. */
  readonly chinese: number;
  readonly users: number;
  /** Median of the tokens that the model reads beside the messages: instructions, tools, articles. */
  readonly context: number;
  /** For chat. */
  readonly topic: Topic | null;
  /** For everything else. */
  readonly texts: Readonly<Record<Language, readonly string[]>>;
  readonly tags: readonly string[];
}

/** What the lanes of a workspace share. */
type Shared = Pick<Lane, 'workspace' | 'rhythm' | 'habits' | 'chinese' | 'users'>;
type Own = Pick<Lane, 'application' | 'key' | 'model' | 'weight'> &
  Partial<Pick<Lane, 'batch' | 'streamed' | 'context' | 'topic' | 'texts' | 'tags' | 'users'>>;

const NO_TEXTS = { en: [], zh: [] };

function workspace(shared: Shared, lanes: readonly Own[]): Lane[] {
  return lanes.map((own) => ({
    batch: false,
    streamed: 0,
    context: 0,
    topic: null,
    texts: NO_TEXTS,
    tags: [],
    ...shared,
    ...own,
  }));
}

const CALM: Habits = {
  clientError: 0.004,
  moderated: 0.002,
  stuck: 0.002,
  stalled: 0.002,
  serverError: 0.002,
  cancelled: 0.015,
};

/** The assistant beside a shop's basket: busy at lunch and in the evening. */
const checkout = workspace(
  {
    workspace: 'checkout',
    rhythm: rhythm([
      { at: 12.5, width: 1.2, height: 5 },
      { at: 20.3, width: 2, height: 8 },
      { at: 15, width: 3, height: 2.5 },
    ]),
    habits: { ...CALM, moderated: 0.004, cancelled: 0.03 },
    chinese: 0.5,
    users: 900,
  },
  [
    {
      application: 'basket-assistant',
      key: 'checkout-web',
      model: MODELS.qwenPlus,
      weight: 14,
      streamed: 0.95,
      context: 1900,
      topic: CHECKOUT,
      tags: ['web'],
    },
    {
      application: 'basket-assistant',
      key: 'checkout-app',
      model: MODELS.qwenPlus,
      weight: 9,
      streamed: 0.9,
      context: 1500,
      topic: CHECKOUT,
      tags: ['app'],
    },
    {
      application: 'payment-trouble',
      key: 'checkout-web',
      model: MODELS.qwenMax,
      weight: 3,
      streamed: 1,
      context: 2600,
      topic: CHECKOUT,
      tags: ['web', 'escalated'],
    },
    {
      application: 'photo-reader',
      key: 'checkout-app',
      model: MODELS.qwenVision,
      weight: 2,
      streamed: 0.2,
      context: 300,
      topic: CHECKOUT_PHOTOS,
      tags: ['app'],
    },
  ],
);

/** Customer service: office hours, most in the morning. */
const support = workspace(
  {
    workspace: 'support',
    rhythm: rhythm([
      { at: 10, width: 1.5, height: 9 },
      { at: 14.5, width: 2.2, height: 6 },
    ]),
    habits: { ...CALM, moderated: 0.008, cancelled: 0.025 },
    chinese: 0.35,
    users: 400,
  },
  [
    {
      application: 'help-chat',
      key: 'support-chat',
      model: MODELS.claudeSonnet,
      weight: 7,
      streamed: 1,
      context: 3200,
      topic: SUPPORT,
      tags: ['chat'],
    },
    {
      application: 'help-chat',
      key: 'support-chat',
      model: MODELS.gpt4o,
      weight: 4,
      streamed: 1,
      context: 2800,
      topic: SUPPORT,
      tags: ['chat', 'trial-b'],
    },
    {
      application: 'mail-drafts',
      key: 'support-mail',
      model: MODELS.qwenMax,
      weight: 3,
      streamed: 0,
      context: 2200,
      topic: SUPPORT,
      tags: ['mail'],
    },
    {
      application: 'hotline',
      key: 'support-voice',
      model: MODELS.transcription,
      weight: 2.5,
      streamed: 1,
      texts: VOICE,
      tags: ['phone'],
    },
    {
      application: 'hotline',
      key: 'support-voice',
      model: MODELS.speech,
      weight: 2.5,
      streamed: 1,
      texts: VOICE,
      tags: ['phone'],
    },
  ],
);

/** Search: awake all day, with an index that is kept up to date at all hours. */
const search = workspace(
  {
    workspace: 'search',
    rhythm: rhythm([
      { at: 13, width: 3.5, height: 2 },
      { at: 20, width: 2.5, height: 3 },
    ]),
    habits: { ...CALM, cancelled: 0.004, stalled: 0 },
    chinese: 0.5,
    users: 2000,
  },
  [
    { application: 'query', key: 'search-query', model: MODELS.embedding, weight: 16, texts: PASSAGES },
    {
      application: 'query',
      key: 'search-query',
      model: MODELS.qwenFlash,
      weight: 8,
      context: 420,
      topic: SEARCH_REWRITING,
    },
    {
      application: 'catalogue-index',
      key: 'search-indexer',
      model: MODELS.embedding,
      weight: 7,
      texts: PASSAGES,
      tags: ['index'],
      users: 0,
    },
  ],
);

/** Reports and labels at night, through batch files. */
const nightly = workspace(
  {
    workspace: 'nightly',
    rhythm: rhythm([{ at: 2, width: 1.8, height: 40 }]),
    habits: { ...CALM, clientError: 0.012, cancelled: 0, stuck: 0.004 },
    chinese: 0.5,
    users: 0,
  },
  [
    {
      application: 'review-reports',
      key: 'nightly-reports',
      model: MODELS.qwenPlus,
      batch: true,
      weight: 4,
      context: 3800,
      topic: REPORTS,
      tags: ['daily'],
    },
    {
      application: 'review-reports',
      key: 'nightly-reports',
      model: MODELS.qwenThinking,
      batch: true,
      weight: 1.5,
      context: 4200,
      topic: REPORTS,
      tags: ['weekly'],
    },
    {
      application: 'ticket-labels',
      key: 'nightly-labels',
      model: MODELS.qwenFlash,
      batch: true,
      weight: 6,
      context: 900,
      topic: LABELS,
      tags: ['daily'],
    },
    {
      application: 'ticket-labels',
      key: 'nightly-labels',
      model: MODELS.gpt4oMini,
      batch: true,
      weight: 2.5,
      context: 900,
      topic: LABELS,
      tags: ['daily', 'second-opinion'],
    },
  ],
);

/** Colleagues who try things out: office hours with a lunch break, and the most mistakes. */
const playground = workspace(
  {
    workspace: 'playground',
    rhythm: rhythm([
      { at: 10.5, width: 1.2, height: 10 },
      { at: 15.5, width: 1.6, height: 12 },
    ]),
    habits: { clientError: 0.05, moderated: 0.012, stuck: 0.004, stalled: 0.006, serverError: 0.003, cancelled: 0.05 },
    chinese: 0.4,
    users: 12,
  },
  [
    {
      application: 'console',
      key: 'dev-ana',
      model: MODELS.claudeSonnet,
      weight: 1.6,
      streamed: 1,
      context: 1200,
      topic: PLAYGROUND,
    },
    {
      application: 'console',
      key: 'dev-wei',
      model: MODELS.qwenThinking,
      weight: 1.6,
      streamed: 1,
      context: 700,
      topic: PLAYGROUND,
    },
    {
      application: 'notebook',
      key: 'dev-wei',
      model: MODELS.qwenPlus,
      weight: 1,
      streamed: 0.3,
      context: 500,
      topic: PLAYGROUND,
      tags: ['notebook'],
    },
    {
      application: 'agent-prototype',
      key: 'dev-jonas',
      model: MODELS.gpt4oMini,
      weight: 1.4,
      streamed: 0.5,
      context: 2400,
      topic: PLAYGROUND,
      tags: ['agent'],
    },
    { application: 'poster-maker', key: 'dev-ana', model: MODELS.picture, weight: 0.8, texts: PICTURES },
  ],
);

/** All of them. */
export const LANES: readonly Lane[] = [...checkout, ...support, ...search, ...nightly, ...playground];

/** Stands before everything that a lane draws, and never changes with its place in the list. */
export function laneName({ application, key, model, batch }: Lane): string {
  return [key, application, model.name, batch ? 'batch' : 'realtime'].join(' ');
}
