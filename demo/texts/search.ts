import type { Language, Topic } from './topic.js';

/** What people type, rewritten into filters before the search. */
export const SEARCH_REWRITING: Topic = {
  system: {
    en: 'Turn the query into JSON with the keys "terms", "filters" and "language". Correct spelling. No explanation.',
    zh: '把搜索词改写成 JSON，键为 "terms"、"filters" 和 "language"。纠正错别字，不要解释。',
  },
  leftOut: {
    en: (tokens) => `[List of categories and filters: ${tokens} tokens, left out of the record]`,
    zh: (tokens) => `［类目与筛选项列表：约 ${tokens} 个 token，记录中已省略］`,
  },
  closings: { en: [], zh: [] },
  scenarios: {
    en: [
      [['{product} under {amount}', '{"terms":["{product}"],"filters":{"price":{"max":"{amount}"}},"language":"en"}']],
      [
        [
          'gift for a runner not to expensive',
          '{"terms":["running","gift"],"filters":{"price":{"max":"$40"}},"language":"en"}',
        ],
      ],
      [
        [
          '{device} that is waterproof and quiet',
          '{"terms":["{device}"],"filters":{"features":["waterproof","quiet"]},"language":"en"}',
        ],
      ],
      [
        [
          'delivery to {city} tomorow {product}',
          '{"terms":["{product}"],"filters":{"delivery":"tomorrow","city":"{city}"},"language":"en"}',
        ],
      ],
    ],
    zh: [
      [['{amount}以内的{product}', '{"terms":["{product}"],"filters":{"price":{"max":"{amount}"}},"language":"zh"}']],
      [
        [
          '送给跑步爱好者的礼物 不要太贵',
          '{"terms":["跑步","礼物"],"filters":{"price":{"max":"300 元"}},"language":"zh"}',
        ],
      ],
      [['防水 安静 的{device}', '{"terms":["{device}"],"filters":{"features":["防水","静音"]},"language":"zh"}']],
      [
        [
          '明天能到{city}的{product}',
          '{"terms":["{product}"],"filters":{"delivery":"明天","city":"{city}"},"language":"zh"}',
        ],
      ],
    ],
  },
};

/** What is turned into vectors: queries and pieces of the catalogue. */
export const PASSAGES: Readonly<Record<Language, readonly string[]>> = {
  en: [
    '{product} for beginners',
    'Which {device} works with version {version}?',
    'Made for long days: {product}, tested in {city}, light enough for the hand luggage and backed by a warranty of {count} years.',
    'Care: wipe with a damp cloth, let it dry in the air. Check {product} every {count} months and store it dry.',
    'The {device} charges to {count}0 % in half an hour. In the box: cable, adapter and a short guide. Ships from {city} within {days} days.',
  ],
  zh: [
    '适合新手的{product}',
    '哪款{device}支持 {version} 版本？',
    '为全天使用而设计的{product}，经{city}实地测试，轻便可带上飞机，享 {count} 年质保。',
    '保养说明：用湿布擦拭后自然晾干。{product}请每 {count} 个月检查一次，存放于干燥处。',
    '{device}半小时可充至 {count}0%。包装内含数据线、适配器和快速指南，{city}发货，{days} 天内送达。',
  ],
};
