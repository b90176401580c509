import type { Topic } from './topic.js';

/** Customer service by chat. */
export const SUPPORT: Topic = {
  system: {
    en: 'You answer customers of an electronics maker. Be friendly and brief, one step at a time. Use the articles that come with the question. Hand over to a person when asked to, or when somebody may be in danger.',
    zh: '你是一家电子产品厂商的客服。语气友好、简洁，一次只给一个步骤。请依据随问题附上的知识库文章回答。用户要求人工服务或可能有安全风险时，请转接人工。',
  },
  leftOut: {
    en: (tokens) =>
      `[Articles from the knowledge base and the customer's devices: ${tokens} tokens, left out of the record]`,
    zh: (tokens) => `［知识库文章和用户的设备信息：约 ${tokens} 个 token，记录中已省略］`,
  },
  closings: {
    en: [
      'Does that help?',
      'If it happens again, please send me the log from Settings > Help > Export.',
      'I have noted this in ticket {ticket}.',
      'You can also reach a colleague by phone on working days from 8 to 18.',
      'Please do not open the battery compartment in the meantime.',
    ],
    zh: [
      '请问这样解决了吗？',
      '如果再次出现，请在“设置-帮助-导出日志”里把日志发给我。',
      '我已把情况记录在工单 {ticket} 中。',
      '工作日 8 点到 18 点您也可以拨打人工热线。',
    ],
  },
  scenarios: {
    en: [
      [
        [
          'My {device} {does not turn on any more|stays black since this morning}. What can I do?',
          'Let us try this first: hold the power button for 20 seconds, then connect the charger that came with the {device} and wait for two minutes. Do you see a light or a logo?',
        ],
        [
          'There is a red light that blinks {count} times.',
          'A red light that blinks {count} times means the battery is fully empty. Please leave the {device} on the charger for 30 minutes without touching it; it starts by itself then.',
        ],
        [
          'It is on again, thank you!',
          'Good to hear, {name}! To keep it from happening again, switch on "Protect battery" in the settings: the {device} then turns itself off at 3 % instead of running empty.',
        ],
      ],
      [
        [
          'Since the update to version {version} my {device} loses the Wi-Fi every {few minutes|hour}.',
          'Thank you for telling us. Version {version} changed how the {device} picks between 2.4 and 5 GHz. Please open Settings > Network, choose your Wi-Fi and switch off "Pick the band by itself", then choose 5 GHz.',
        ],
        [
          'That option is greyed out.',
          'Then the {device} is managed by a family or company account. Ask whoever set it up to allow "Network changes", or I can open a ticket with our technicians; it would be {ticket}.',
        ],
      ],
      [
        [
          'I want my money back for the {device}, it was {amount} and I bought it {days} days ago.',
          'You can return it within 30 days, so {days} days are no problem. I have prepared a return for {amount}; the label is in your e-mail. The money is back within five working days after we have received the {device}.',
        ],
        [
          'Can somebody pick it up in {city}? My number is {phone}, my address for the label {email}.',
          'Yes, a pick-up in {city} is possible on {weekday} between 9 and 13. It is free for returns. Shall I book it?',
        ],
      ],
      [
        [
          'How do I move everything from my old {device} to the new one?',
          'Put both next to each other and open Settings > Move to a new {device} on the old one. Scan the code that the new one shows. 64 GB take about {count}0 minutes; keep both on their chargers meanwhile.',
        ],
      ],
      [
        [
          'I would like to talk to a person, please.',
          'Of course. I am handing you over to a colleague; the waiting time is about {days} minutes. Everything that you have written so far goes along in ticket {ticket}, so you need not tell it again.',
        ],
      ],
    ],
    zh: [
      [
        [
          '我的{device}{今天早上开始黑屏|突然开不了机了}，怎么办？',
          '您先试一下：长按电源键 20 秒，然后用原装充电器充电两分钟。请问有指示灯或者标志亮起吗？',
        ],
        [
          '有个红灯，闪了 {count} 下。',
          '红灯闪 {count} 下表示电量完全耗尽。请连续充电 30 分钟，期间不要操作，{device}会自动开机。',
        ],
        [
          '可以了，谢谢！',
          '太好了，{name}！为避免再次发生，建议在设置里打开“电池保护”，电量低于 3% 时{device}会自动关机。',
        ],
      ],
      [
        [
          '升级到 {version} 以后，{device}老是断网，{几分钟就断一次|每小时都断}。',
          '感谢您的反馈。{version} 版本调整了 2.4G 和 5G 的切换方式。请打开“设置-网络”，选择您的 Wi-Fi，关闭“自动选择频段”，再手动选择 5G。',
        ],
        [
          '那个选项是灰色的，点不了。',
          '说明{device}由家庭或公司账号管理。请管理员允许“修改网络”，或者我帮您提交技术工单，工单号是 {ticket}。',
        ],
      ],
      [
        [
          '{device}买了 {days} 天，想退货，当时付了 {amount}。',
          '30 天内支持退货，{days} 天没有问题。我已为您申请退款 {amount}，退货单已发到您的邮箱，我们收到商品后五个工作日内到账。',
        ],
        [
          '{city}可以上门取件吗？我的手机号是 {phone}，邮箱是 {email}。',
          '可以，{city}支持{weekday} 9 点到 13 点上门取件，退货免费。需要我为您预约吗？',
        ],
      ],
      [
        [
          '怎么把旧{device}的数据转到新的上面？',
          '把两台设备放在一起，在旧设备上打开“设置-换机助手”，扫描新设备上的二维码。64 GB 大约需要 {count}0 分钟，请保持充电。',
        ],
      ],
      [
        [
          '我要转人工。',
          '好的，正在为您转接人工客服，预计等待 {days} 分钟。之前的内容会随工单 {ticket} 一起转交，您不需要重复说明。',
        ],
      ],
    ],
  },
};

/** What the telephone's voice says, and what callers say to it. */
export const VOICE: Readonly<Record<'en' | 'zh', readonly string[]>> = {
  en: [
    'Your {device} is being repaired. We will call you on {weekday}.',
    'Thank you for waiting. Your ticket is {ticket}. How can I help?',
    'The return for {amount} has arrived. The money will be in your account within five working days.',
    'I bought it {days} days ago and since {weekday} it keeps turning itself off.',
  ],
  zh: [
    '您的{device}正在维修，我们会在{weekday}给您回电。',
    '感谢您的耐心等待，您的工单号是 {ticket}，请问有什么可以帮您？',
    '您退回的商品已签收，{amount} 将在五个工作日内退回原账户。',
    '我 {days} 天前买的，从{weekday}开始就老是自己关机。',
  ],
};
