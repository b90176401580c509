import type { Topic } from './topic.js';

/** Reports over the day's tickets and reviews, at night and in batches. */
export const REPORTS: Topic = {
  system: {
    en: 'Summarise the reviews of one product for the buyers of a shop: what is praised, what is criticised, what to do. Three short paragraphs.',
    zh: '请为采购团队总结一款商品的用户评价：好评、差评和建议。分三小段。',
  },
  leftOut: {
    en: (tokens) => `[The other reviews of the day: ${tokens} tokens, left out of the record]`,
    zh: (tokens) => `［当天的其余评价：约 ${tokens} 个 token，记录中已省略］`,
  },
  closings: {
    en: [
      'Compared with {month} the share of returns fell by {percent} %.',
      'Worth a closer look: reviews from {city} are worse than the rest, which points to the carrier rather than to the product.',
      'Suggested next step: ask the {team} team to correct the size chart before the next campaign.',
    ],
    zh: [
      '与{month}相比，退货率下降了 {percent}%。',
      '值得关注：{city}的评价明显偏低，更可能是物流问题，而不是商品本身。',
      '建议下一步：请{team}团队在下次活动前更正尺码表。',
    ],
  },
  scenarios: {
    en: [
      [
        [
          'Product: {product}. Review 1: "Arrived after {days} days, box was open." Review 2: "Love it, exactly as in the pictures." Review 3: "Good, but the colour is darker than shown."',
          'Praised: the pictures match, and {product} does what it should. Criticised: the delivery took {days} days with an open box, and the colour is darker than shown. To do: check the packaging with the carrier and take the pictures again by daylight. Over all reviews of the day the average is 4.{count} of 5; {percent} % name the delivery as the only drawback.',
        ],
      ],
      [
        [
          'Product: {product}. Review 1: "Broke after {count} weeks." Review 2: "Fine for {amount}." Review 3: "Customer service answered within a day."',
          'Praised: the price of {amount} and a customer service that answers within a day. Criticised: it did not last; one breakage after {count} weeks, and {percent} % of the other reviews say something like it. To do: ask the maker for the fault statistics of the last deliveries and keep spare parts in {city}.',
        ],
      ],
    ],
    zh: [
      [
        [
          '商品：{product}。评价一：“{days} 天才到，盒子是开的。”评价二：“很喜欢，和图片一样。”评价三：“不错，但颜色比图片深。”',
          '好评：与图片相符，{product}功能满足预期。差评：物流用了 {days} 天且包装破损，颜色偏深。建议：与承运商核实包装问题，并在自然光下重新拍摄图片。当日平均评分 4.{count} 分，其中 {percent}% 的用户只对物流不满意。',
        ],
      ],
      [
        [
          '商品：{product}。评价一：“用了 {count} 周就坏了。”评价二：“{amount} 的价格可以了。”评价三：“客服一天内就回复了。”',
          '好评：{amount} 的价格合理，客服一天内回复。差评：耐用性不足，有用户 {count} 周后损坏，另有 {percent}% 的评价提到类似问题。建议：向厂家索取近期批次的故障统计，并在{city}仓备好配件。',
        ],
      ],
    ],
  },
};

/** Tickets sorted into drawers. */
export const LABELS: Topic = {
  system: {
    en: 'Give the ticket one label of: delivery, payment, fault, return, question, praise. Answer with JSON: {label, confidence, language}.',
    zh: '请为工单选择一个标签：物流、支付、故障、退货、咨询、表扬。用 JSON 回答：{label, confidence, language}。',
  },
  leftOut: {
    en: (tokens) => `[Examples for each label: ${tokens} tokens, left out of the record]`,
    zh: (tokens) => `［每个标签的示例：约 ${tokens} 个 token，记录中已省略］`,
  },
  closings: { en: [], zh: [] },
  scenarios: {
    en: [
      [
        [
          'Ticket {ticket}: "Parcel {order} has been in {city} for {days} days and does not move."',
          '{"label":"delivery","confidence":0.9{count},"language":"en"}',
        ],
      ],
      [
        [
          'Ticket {ticket}: "I was charged {amount} twice on {weekday}."',
          '{"label":"payment","confidence":0.9{count},"language":"en"}',
        ],
      ],
      [
        [
          'Ticket {ticket}: "The {device} gets very hot when charging."',
          '{"label":"fault","confidence":0.8{count},"language":"en"}',
        ],
      ],
      [
        [
          'Ticket {ticket}: "Thank you {name}, that was quick!"',
          '{"label":"praise","confidence":0.9{count},"language":"en"}',
        ],
      ],
    ],
    zh: [
      [
        [
          '工单 {ticket}：“{order} 在{city}停了 {days} 天，一直没有更新。”',
          '{"label":"物流","confidence":0.9{count},"language":"zh"}',
        ],
      ],
      [['工单 {ticket}：“{weekday}被重复扣款 {amount}。”', '{"label":"支付","confidence":0.9{count},"language":"zh"}']],
      [['工单 {ticket}：“{device}充电时非常烫。”', '{"label":"故障","confidence":0.8{count},"language":"zh"}']],
      [['工单 {ticket}：“谢谢{name}，处理得真快！”', '{"label":"表扬","confidence":0.9{count},"language":"zh"}']],
    ],
  },
};
