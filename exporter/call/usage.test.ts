import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { USAGE_TYPES, type Usage } from './call.js';
import { MAX_USAGE, readUsage, UsageProblem } from './usage.js';

const NOTHING = Object.fromEntries(USAGE_TYPES.map((type) => [type, 0])) as Usage;
const usage = (counts: Partial<Usage>): Usage => ({ ...NOTHING, ...counts });

interface Sample {
  scenario: string;
  sent: object;
  read: Partial<Usage>;
}

const SAMPLES: Sample[] = [
  {
    scenario: 'OpenAI chat: cached and reasoning tokens are parts, never added',
    sent: {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 192,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    },
    read: { total_tokens: 2306, input_tokens: 2006, output_tokens: 300, cache_tokens: 1920, reasoning_tokens: 192 },
  },
  {
    scenario: 'OpenAI audio: both directions add up',
    sent: {
      prompt_tokens: 120,
      completion_tokens: 900,
      total_tokens: 1020,
      prompt_tokens_details: { audio_tokens: 100, cached_tokens: 0, text_tokens: 20 },
      completion_tokens_details: { audio_tokens: 850, text_tokens: 50 },
    },
    read: { total_tokens: 1020, input_tokens: 120, output_tokens: 900, audio_tokens: 950 },
  },
  {
    scenario: 'OpenAI embeddings: no output',
    sent: { prompt_tokens: 8, total_tokens: 8 },
    read: { total_tokens: 8, input_tokens: 8 },
  },
  {
    scenario: 'OpenAI Responses: input includes cached',
    sent: {
      input_tokens: 328,
      input_tokens_details: { cached_tokens: 128 },
      output_tokens: 52,
      output_tokens_details: { reasoning_tokens: 32 },
      total_tokens: 380,
    },
    read: { total_tokens: 380, input_tokens: 328, output_tokens: 52, cache_tokens: 128, reasoning_tokens: 32 },
  },
  {
    scenario: 'OpenAI Realtime: singular names of the details',
    sent: {
      total_tokens: 1040,
      input_tokens: 954,
      output_tokens: 86,
      input_token_details: {
        text_tokens: 869,
        audio_tokens: 85,
        cached_tokens: 64,
        cached_tokens_details: { text_tokens: 64, audio_tokens: 0 },
      },
      output_token_details: { text_tokens: 25, audio_tokens: 61 },
    },
    read: { total_tokens: 1040, input_tokens: 954, output_tokens: 86, cache_tokens: 64, audio_tokens: 146 },
  },
  {
    scenario: 'OpenAI images',
    sent: {
      total_tokens: 100,
      input_tokens: 50,
      output_tokens: 50,
      input_tokens_details: { text_tokens: 10, image_tokens: 40 },
    },
    read: { total_tokens: 100, input_tokens: 50, output_tokens: 50, image_tokens: 40 },
  },
  {
    scenario: 'OpenAI transcription by time',
    sent: { type: 'duration', seconds: 9 },
    read: { duration: 9_000_000 },
  },
  {
    scenario: 'Qwen, compatible mode, implicit cache',
    sent: {
      prompt_tokens: 3019,
      completion_tokens: 104,
      total_tokens: 3123,
      prompt_tokens_details: { cached_tokens: 2048 },
    },
    read: { total_tokens: 3123, input_tokens: 3019, output_tokens: 104, cache_tokens: 2048 },
  },
  {
    scenario: 'Qwen, compatible mode, explicit cache: the write is stated twice and counted once',
    sent: {
      prompt_tokens: 1620,
      completion_tokens: 10,
      total_tokens: 1630,
      prompt_tokens_details: {
        cached_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 1605 },
        cache_creation_input_tokens: 1605,
        cache_type: 'ephemeral',
      },
    },
    read: { total_tokens: 1630, input_tokens: 1620, output_tokens: 10, cache_write_tokens: 1605 },
  },
  {
    scenario: 'Qwen streaming: null details',
    sent: {
      prompt_tokens: 22,
      completion_tokens: 17,
      total_tokens: 39,
      completion_tokens_details: null,
      prompt_tokens_details: { audio_tokens: null, cached_tokens: null },
    },
    read: { total_tokens: 39, input_tokens: 22, output_tokens: 17 },
  },
  {
    scenario: 'Qwen omni, compatible mode',
    sent: {
      prompt_tokens: 265,
      completion_tokens: 209,
      total_tokens: 474,
      prompt_tokens_details: { audio_tokens: 200, image_tokens: 40, video_tokens: 5, text_tokens: 20 },
      completion_tokens_details: { audio_tokens: 150, text_tokens: 59 },
    },
    read: {
      total_tokens: 474,
      input_tokens: 265,
      output_tokens: 209,
      audio_tokens: 350,
      image_tokens: 40,
      video_tokens: 5,
    },
  },
  {
    scenario: 'DeepSeek: its own names for hits and misses',
    sent: {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      prompt_cache_hit_tokens: 960,
      prompt_cache_miss_tokens: 40,
      prompt_tokens_details: { cached_tokens: 960 },
      completion_tokens_details: { reasoning_tokens: 30 },
    },
    read: { total_tokens: 1050, input_tokens: 1000, output_tokens: 50, cache_tokens: 960, reasoning_tokens: 30 },
  },
  {
    scenario: 'Moonshot: cached tokens at the top',
    sent: { prompt_tokens: 900, completion_tokens: 20, total_tokens: 920, cached_tokens: 512 },
    read: { total_tokens: 920, input_tokens: 900, output_tokens: 20, cache_tokens: 512 },
  },
  {
    scenario: 'xAI: reasoning stands outside of output, as its total shows',
    sent: {
      prompt_tokens: 10_120,
      completion_tokens: 1499,
      total_tokens: 14_428,
      prompt_tokens_details: { cached_tokens: 128 },
      completion_tokens_details: { reasoning_tokens: 2809 },
    },
    read: {
      total_tokens: 14_428,
      input_tokens: 10_120,
      output_tokens: 4308,
      cache_tokens: 128,
      reasoning_tokens: 2809,
    },
  },
  {
    scenario: 'xAI without a total: more reasoning than output cannot be a part of it',
    sent: { prompt_tokens: 12, completion_tokens: 1, completion_tokens_details: { reasoning_tokens: 386 } },
    read: { total_tokens: 399, input_tokens: 12, output_tokens: 387, reasoning_tokens: 386 },
  },
  {
    scenario: 'DashScope text: a native total and details',
    sent: {
      input_tokens: 22,
      output_tokens: 17,
      total_tokens: 39,
      output_tokens_details: { reasoning_tokens: 9 },
      prompt_tokens_details: { cached_tokens: 16 },
      plugins: { search: { count: 1, strategy: 'turbo' } },
    },
    read: { total_tokens: 39, input_tokens: 22, output_tokens: 17, cache_tokens: 16, reasoning_tokens: 9 },
  },
  {
    scenario: 'DashScope vision: the top repeats the details',
    sent: {
      input_tokens: 1271,
      output_tokens: 36,
      total_tokens: 1307,
      image_tokens: 1247,
      input_tokens_details: { image_tokens: 1247, text_tokens: 24 },
      output_tokens_details: { text_tokens: 36 },
    },
    read: { total_tokens: 1307, input_tokens: 1271, output_tokens: 36, image_tokens: 1247 },
  },
  {
    scenario: 'DashScope audio: audio tokens beyond the input, no total',
    sent: { input_tokens: 33, output_tokens: 10, audio_tokens: 85 },
    read: { total_tokens: 43, input_tokens: 33, output_tokens: 10, audio_tokens: 85 },
  },
  {
    scenario: 'DashScope speech recognition: seconds beside tokens',
    sent: {
      input_tokens_details: { text_tokens: 0 },
      output_tokens_details: { text_tokens: 6 },
      seconds: 1,
    },
    read: { duration: 1_000_000 },
  },
  { scenario: 'DashScope image generation', sent: { image_count: 4 }, read: { image_count: 4 } },
  {
    scenario: 'DashScope video, older names',
    sent: { video_duration: 5, video_ratio: '1280*720', video_count: 1 },
    read: { duration: 5_000_000, video_count: 1 },
  },
  {
    scenario: 'DashScope video, newer names: one duration, stated twice',
    sent: {
      duration: 5.0,
      input_video_duration: 0,
      output_video_duration: 5,
      SR: 1080,
      size: '1920x1080',
      video_count: 1,
    },
    read: { duration: 5_000_000, video_count: 1 },
  },
  {
    scenario: 'DashScope file transcription: a fraction of a second',
    sent: { duration: 3.8346 },
    read: { duration: 3_834_600 },
  },
  { scenario: 'DashScope speech synthesis', sent: { characters: 15 }, read: { characters: 15 } },
  {
    scenario: 'DashScope reranking: only a total, which is input',
    sent: { total_tokens: 79 },
    read: { total_tokens: 79, input_tokens: 79 },
  },
  {
    scenario: 'Anthropic: cached tokens are added to input',
    sent: {
      input_tokens: 50,
      cache_creation_input_tokens: 248,
      cache_read_input_tokens: 100_000,
      cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
      output_tokens: 503,
      output_tokens_details: { thinking_tokens: 40 },
      server_tool_use: { web_search_requests: 1 },
      service_tier: 'standard',
    },
    read: {
      total_tokens: 100_801,
      input_tokens: 100_298,
      output_tokens: 503,
      cache_tokens: 100_000,
      cache_write_tokens: 248,
      reasoning_tokens: 40,
    },
  },
  {
    scenario: 'Anthropic: writes by lifetime alone',
    sent: {
      input_tokens: 10,
      output_tokens: 5,
      cache_creation: { ephemeral_5m_input_tokens: 7, ephemeral_1h_input_tokens: 200 },
    },
    read: { total_tokens: 222, input_tokens: 217, output_tokens: 5, cache_write_tokens: 207 },
  },
  {
    scenario: 'Anthropic without a cache',
    sent: { input_tokens: 25, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 15 },
    read: { total_tokens: 40, input_tokens: 25, output_tokens: 15 },
  },
  {
    scenario: 'Anthropic streaming: the last delta alone has only output',
    sent: { output_tokens: 89 },
    read: { total_tokens: 89, output_tokens: 89 },
  },
  {
    scenario: 'Anthropic, with a total that its client made without cached tokens: the total is raised',
    sent: { input_tokens: 5000, cache_read_input_tokens: 2000, output_tokens: 100, total_tokens: 5100 },
    read: { total_tokens: 7100, input_tokens: 7000, output_tokens: 100, cache_tokens: 2000 },
  },
  {
    scenario: 'Anthropic behind an OpenAI-compatible gateway: cached is in prompt_tokens already',
    sent: {
      prompt_tokens: 10_012,
      completion_tokens: 30,
      total_tokens: 10_042,
      prompt_tokens_details: { cached_tokens: 10_000, cache_creation_tokens: 0 },
      cache_read_input_tokens: 10_000,
      cache_creation_input_tokens: 0,
    },
    read: { total_tokens: 10_042, input_tokens: 10_012, output_tokens: 30, cache_tokens: 10_000 },
  },
  {
    scenario: 'Responses with the cache stated in both ways: the details say that it is a part',
    sent: {
      input_tokens: 500,
      output_tokens: 20,
      input_tokens_details: { cached_tokens: 400 },
      cache_read_input_tokens: 400,
    },
    read: { total_tokens: 520, input_tokens: 500, output_tokens: 20, cache_tokens: 400 },
  },
  {
    scenario: 'Bedrock Converse',
    sent: {
      inputTokens: 20,
      outputTokens: 30,
      totalTokens: 1150,
      cacheReadInputTokens: 1000,
      cacheWriteInputTokens: 100,
    },
    read: {
      total_tokens: 1150,
      input_tokens: 1120,
      output_tokens: 30,
      cache_tokens: 1000,
      cache_write_tokens: 100,
    },
  },
  {
    scenario: 'Gemini: thoughts and tool prompts stand apart, cached content does not',
    sent: {
      promptTokenCount: 12,
      cachedContentTokenCount: 4,
      candidatesTokenCount: 71,
      toolUsePromptTokenCount: 65,
      thoughtsTokenCount: 89,
      totalTokenCount: 237,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 12 }],
    },
    read: { total_tokens: 237, input_tokens: 77, output_tokens: 160, cache_tokens: 4, reasoning_tokens: 89 },
  },
  {
    scenario: 'Gemini that only thought',
    sent: { promptTokenCount: 10, thoughtsTokenCount: 50, totalTokenCount: 60 },
    read: { total_tokens: 60, input_tokens: 10, output_tokens: 50, reasoning_tokens: 50 },
  },
  {
    scenario: 'LangChain',
    sent: {
      input_tokens: 350,
      output_tokens: 240,
      total_tokens: 590,
      input_token_details: { audio: 10, cache_creation: 200, cache_read: 100 },
      output_token_details: { audio: 10, reasoning: 200 },
    },
    read: {
      total_tokens: 590,
      input_tokens: 350,
      output_tokens: 240,
      cache_tokens: 100,
      cache_write_tokens: 200,
      reasoning_tokens: 200,
      audio_tokens: 20,
    },
  },
  {
    scenario: 'the total exceeds input and output: it stands',
    sent: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 60 },
    read: { total_tokens: 60, input_tokens: 10, output_tokens: 5 },
  },
  {
    scenario: 'the total falls short of input and output: it is raised',
    sent: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 3 },
    read: { total_tokens: 15, input_tokens: 10, output_tokens: 5 },
  },
  {
    scenario: 'no output, but a total',
    sent: { prompt_tokens: 10, total_tokens: 14 },
    read: { total_tokens: 14, input_tokens: 10, output_tokens: 4 },
  },
  {
    scenario: 'more cached than input: cut to the input',
    sent: { prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 128 } },
    read: { total_tokens: 101, input_tokens: 100, output_tokens: 1, cache_tokens: 100 },
  },
  {
    scenario: 'cached and written together exceed the input: the write gets what is left',
    sent: { input_tokens: 100, output_tokens: 1, cache_tokens: 70, cache_write_tokens: 60 },
    read: { total_tokens: 101, input_tokens: 100, output_tokens: 1, cache_tokens: 70, cache_write_tokens: 30 },
  },
  {
    scenario: 'more reasoning than output under a total that leaves it no room: cut to the output',
    sent: {
      prompt_tokens: 5,
      completion_tokens: 5,
      total_tokens: 10,
      completion_tokens_details: { reasoning_tokens: 9 },
    },
    read: { total_tokens: 10, input_tokens: 5, output_tokens: 5, reasoning_tokens: 5 },
  },
  {
    scenario: 'parts without their wholes',
    sent: { cache_tokens: 8, reasoning_tokens: 3 },
    read: { total_tokens: 11, input_tokens: 8, output_tokens: 3, cache_tokens: 8, reasoning_tokens: 3 },
  },
  {
    scenario: 'zeros are a usage',
    sent: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    read: {},
  },
  {
    scenario: 'the largest count',
    sent: { prompt_tokens: MAX_USAGE },
    read: { total_tokens: MAX_USAGE, input_tokens: MAX_USAGE },
  },
  { scenario: 'negative zero', sent: { prompt_tokens: -0 }, read: {} },
];

describe('readUsage', () => {
  it.each(SAMPLES)('$scenario', ({ sent, read }) => {
    expect(readUsage(sent)).toEqual(usage(read));
    // As it really arrives.
    expect(readUsage(JSON.parse(JSON.stringify(sent)))).toEqual(usage(read));
  });

  it.each([
    ['null', null],
    ['nothing', undefined],
    ['an empty object', {}],
    ['unknown keys alone', { cost: 0.3, queue_time: 0.01, plugins: {} }],
    ['nulls alone', { prompt_tokens: null, completion_tokens: null, prompt_tokens_details: null }],
    ['details that say nothing', { prompt_tokens_details: {}, completion_tokens_details: { text_tokens: 4 } }],
  ])('%s is no usage', (_, sent) => {
    expect(readUsage(sent)).toBeNull();
  });

  it.each([
    ['a string', '{"prompt_tokens":1}', 'usage', 'must be an object, not a string'],
    ['an array', [1], 'usage', 'must be an object, not an array'],
    ['a number', 3, 'usage', 'must be an object, not 3'],
    ['negative', { prompt_tokens: -1 }, 'usage.prompt_tokens', `must be a whole number from 0 to ${MAX_USAGE}, not -1`],
    [
      'NaN',
      { output_tokens: Number.NaN },
      'usage.output_tokens',
      `must be a whole number from 0 to ${MAX_USAGE}, not NaN`,
    ],
    ['fraction', { input_tokens: 1.5 }, 'usage.input_tokens', `must be a whole number from 0 to ${MAX_USAGE}, not 1.5`],
    [
      'text',
      { total_tokens: 'sk-1' },
      'usage.total_tokens',
      `must be a whole number from 0 to ${MAX_USAGE}, not a string`,
    ],
    ['boolean', { times: true }, 'usage.times', `must be a whole number from 0 to ${MAX_USAGE}, not true`],
    [
      'too large',
      { characters: MAX_USAGE + 1 },
      'usage.characters',
      `must be a whole number from 0 to ${MAX_USAGE}, not ${MAX_USAGE + 1}`,
    ],
    [
      'infinite time',
      { duration: Number.POSITIVE_INFINITY },
      'usage.duration',
      'must be a number of seconds from 0 to 9007199, not Infinity',
    ],
    [
      'negative time',
      { video_duration: -0.5 },
      'usage.video_duration',
      'must be a number of seconds from 0 to 9007199, not -0.5',
    ],
    ['time as text', { seconds: '9' }, 'usage.seconds', 'must be a number of seconds from 0 to 9007199, not a string'],
    [
      'details as text',
      { prompt_tokens_details: 'none' },
      'usage.prompt_tokens_details',
      'must be an object, not a string',
    ],
    [
      'inside the details',
      { prompt_tokens: 4, prompt_tokens_details: { cached_tokens: -4 } },
      'usage.prompt_tokens_details.cached_tokens',
      `must be a whole number from 0 to ${MAX_USAGE}, not -4`,
    ],
    [
      'inside the writes of the details',
      { prompt_tokens_details: { cache_creation: { ephemeral_5m_input_tokens: 0.1 } } },
      'usage.prompt_tokens_details.cache_creation.ephemeral_5m_input_tokens',
      `must be a whole number from 0 to ${MAX_USAGE}, not 0.1`,
    ],
    ['writes as text', { cache_creation: 'x' }, 'usage.cache_creation', 'must be an object, not a string'],
  ])('refuses %s', (_, sent, field, message) => {
    const problem = readUsage(sent);
    expect(problem).toBeInstanceOf(UsageProblem);
    expect(problem).toMatchObject({ field, message });
  });

  it('gives our own names back as they are', () => {
    const own = fc
      .record({
        input: fc.nat(1e9),
        output: fc.nat(1e9),
        extra: fc.nat(1000),
        cached: fc.double({ min: 0, max: 1, noNaN: true }),
        reasoning: fc.double({ min: 0, max: 1, noNaN: true }),
        counts: fc.array(fc.nat(1e6), { minLength: 9, maxLength: 9 }),
      })
      .map(({ input, output, extra, cached, reasoning, counts }): Usage => {
        const [image, audio, video, images, audios, videos, seconds, characters, times] = counts as [
          number,
          number,
          number,
          number,
          number,
          number,
          number,
          number,
          number,
        ];
        const cache = Math.floor(input * cached);
        const reasoningTokens = Math.floor(output * reasoning);
        return {
          // A total that exceeds the sum by just the reasoning would say that it stands outside of output.
          total_tokens: input + output + (extra === reasoningTokens ? 0 : extra),
          input_tokens: input,
          output_tokens: output,
          cache_tokens: cache,
          cache_write_tokens: Math.floor((input - cache) / 2),
          reasoning_tokens: reasoningTokens,
          image_tokens: image,
          audio_tokens: audio,
          video_tokens: video,
          image_count: images,
          audio_count: audios,
          video_count: videos,
          duration: seconds,
          characters,
          times,
        };
      });
    fc.assert(
      fc.property(own, (sent) => {
        expect(readUsage(sent)).toEqual({ ...sent, duration: sent.duration * 1e6 });
      }),
    );
  });

  it('always gives whole counts, parts within their wholes and a total not below its parts', () => {
    const number = fc.oneof(fc.nat(5000), fc.constant(null), fc.constant(MAX_USAGE), fc.constant(0));
    const details = fc.record(
      {
        cached_tokens: number,
        cache_creation_input_tokens: number,
        reasoning_tokens: number,
        audio_tokens: number,
      },
      { requiredKeys: [] },
    );
    const any = fc.record(
      {
        prompt_tokens: number,
        input_tokens: number,
        completion_tokens: number,
        output_tokens: number,
        total_tokens: number,
        reasoning_tokens: number,
        cache_read_input_tokens: number,
        cache_creation_input_tokens: number,
        thoughtsTokenCount: number,
        toolUsePromptTokenCount: number,
        prompt_tokens_details: details,
        input_tokens_details: details,
        output_tokens_details: details,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (sent) => {
        const read = readUsage(sent);
        if (read === null) return;
        expect(read).not.toBeInstanceOf(UsageProblem);
        const counts = read as Usage;
        expect(Object.keys(counts)).toEqual([...USAGE_TYPES]);
        expect(Object.values(counts).every((count) => Number.isSafeInteger(count) && count >= 0)).toBe(true);
        expect(counts.cache_tokens + counts.cache_write_tokens).toBeLessThanOrEqual(counts.input_tokens);
        expect(counts.reasoning_tokens).toBeLessThanOrEqual(counts.output_tokens);
        expect(counts.total_tokens).toBeGreaterThanOrEqual(counts.input_tokens + counts.output_tokens);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, whatever is sent', () => {
    fc.assert(fc.property(fc.jsonValue(), (sent) => void readUsage(sent)));
    const names = fc.constantFrom('prompt_tokens', 'cache_creation', 'prompt_tokens_details', 'duration', '__proto__');
    fc.assert(fc.property(fc.dictionary(names, fc.anything()), (sent) => void readUsage(sent)));
  });
});
