import type { Language, Topic } from './topic.js';

/** Colleagues who try things out. */
export const PLAYGROUND: Topic = {
  system: {
    en: 'You are a helpful assistant for colleagues of a software company.',
    zh: '你是一名帮助软件公司同事的助手。',
  },
  leftOut: {
    en: (tokens) => `[Files that were attached: ${tokens} tokens, left out of the record]`,
    zh: (tokens) => `［附件：约 ${tokens} 个 token，记录中已省略］`,
  },
  closings: {
    en: [
      'If you tell me which version you use, I can be more exact.',
      'Measure before and after: without figures it is a guess.',
      'I would start with the smallest change that can be undone.',
      'Shall I write the test for it as well?',
    ],
    zh: [
      '如果告诉我您使用的版本，我可以说得更准确。',
      '建议先测量再优化，没有数据就只是猜测。',
      '我会从最小的、可以回退的改动开始。',
      '需要我把测试也写出来吗？',
    ],
  },
  scenarios: {
    en: [
      [
        [
          'Why does my {language} service need {milliseconds} ms for a request that only reads one row?',
          'With one row the query itself is hardly the cause. Three usual suspects, in the order in which I would look: a new database connection for each request, a DNS lookup that is not cached, and TLS handshakes. Log the time before and after the connection is taken from the pool; if most of the {milliseconds} ms are there, the pool is too small or is not used.',
        ],
        [
          'You were right, the pool had {count} connections.',
          'Then make it about as large as the number of requests that really run at the same time, not larger: beyond that the database only queues them. Watch how long a request waits for a connection; that figure tells you when it is enough.',
        ],
      ],
      [
        [
          'Write the release note for {version}: the {team} team made exports {count} times as fast and fixed the time zone of the reports.',
          'Version {version}. Faster exports: what took a minute now takes seconds, {count} times as fast on our own data. Reports by day now follow the time zone of your workspace; before, they followed UTC, so figures of past days can move by a few hours. Nothing to do for you.',
        ],
      ],
      [
        [
          'Explain idempotency to a new colleague in the {team} team, with an example from our shop.',
          'An operation is idempotent when doing it twice has the same effect as doing it once. Example: the app sends "pay order {order}", the answer is lost, and the app sends it again. With the order number as the key, the second message finds the payment done and answers as before; without it, {name} pays twice. So the sender makes the key, and the receiver remembers it.',
        ],
      ],
      [
        [
          'Compare two ways to store {count} million events a day for a year.',
          'One: a relational table, partitioned by day. Simple to query and to correct, but indexes grow, and {count} million rows a day need care after some months. Two: columnar files, one an hour, in object storage. Ten times smaller and made for scans, but a correction means writing a file again. If most questions are sums over time, take the second and keep the last {days} days in the first.',
        ],
      ],
    ],
    zh: [
      [
        [
          '我的 {language} 服务只读一行数据，为什么要 {milliseconds} 毫秒？',
          '只读一行的话，查询本身一般不是原因。建议按顺序检查：是否每次请求都新建数据库连接、DNS 是否没有缓存、以及 TLS 握手。请在从连接池获取连接的前后打日志，如果 {milliseconds} 毫秒大部分花在这里，说明连接池太小或没有生效。',
        ],
        [
          '果然，连接池只有 {count} 个连接。',
          '那就把连接池调到与真实并发数相当，不必更大，否则只是让数据库排队。请观察获取连接的等待时间，这个指标能告诉您是否足够。',
        ],
      ],
      [
        [
          '帮我写 {version} 版本的更新说明：{team}团队把导出速度提高到 {count} 倍，并修复了报表的时区问题。',
          '{version} 版本更新：导出更快，在我们的数据上是之前的 {count} 倍。按天统计的报表现在使用工作空间的时区，之前使用 UTC，因此历史数据可能有几个小时的偏移。您无需做任何操作。',
        ],
      ],
      [
        [
          '用我们商城的例子给{team}团队的新同事解释幂等。',
          '幂等就是做两次和做一次的效果相同。例如客户端发送“支付订单 {order}”，响应丢失后又发了一次。以订单号作为幂等键，第二次请求会发现已支付并返回相同结果；否则{name}就会付两次钱。所以由发送方生成键，由接收方记住它。',
        ],
      ],
    ],
  },
};

export const PICTURES: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'A poster for {product}: morning light, {city} in the background, plenty of free space for text on the left',
    'Icon of a {device}, flat, two colours, rounded corners, white background',
    'Watercolour of a quiet market street in {city} in {month}',
  ],
  zh: [
    '{product}的海报，清晨的光线，背景是{city}，左侧留白放文字',
    '{device}图标，扁平风格，双色，圆角，白色背景',
    '{month}的{city}老街，水彩风格，安静的早晨',
  ],
};
