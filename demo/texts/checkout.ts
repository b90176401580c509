import type { Topic } from './topic.js';

/** The assistant beside a shop's basket. */
export const CHECKOUT: Topic = {
  system: {
    en: 'You are the checkout assistant of an online shop. Answer in at most four sentences. Never ask for card numbers or passwords. If a payment failed, say what the customer can do now. Prices and stock come from the tools alone.',
    zh: '你是一家网店的结算助手。回答不超过四句话。绝不索要银行卡号或密码。如果付款失败，请说明顾客现在可以怎么做。价格和库存只能来自工具返回的结果。',
  },
  leftOut: {
    en: (tokens) => `[Shop rules, tool definitions and the basket: ${tokens} tokens, left out of the record]`,
    zh: (tokens) => `［店铺规则、工具定义和购物车：约 ${tokens} 个 token，记录中已省略］`,
  },
  closings: {
    en: [
      'Shall I keep the basket for you?',
      'Your basket stays saved for seven days.',
      'You can change the delivery address until the parcel leaves the warehouse.',
      'If anything looks wrong on the summary page, tell me before you press Pay.',
    ],
    zh: [
      '需要我先帮您保留购物车吗？',
      '购物车会为您保留七天。',
      '包裹出库之前都可以修改收货地址。',
      '如果结算页面有任何问题，请在付款前告诉我。',
    ],
  },
  scenarios: {
    en: [
      [
        [
          '{Hi|Hello}, my card was declined for {product}. I have tried it {twice|three times} now.',
          'I am sorry about that. The bank answered "do not honour", which usually means a limit or a security check on their side; nothing was charged. You can approve the payment in your banking app and try again, or choose another way to pay for the {amount}.',
        ],
        [
          'The app shows nothing to approve. Can I pay by invoice instead?',
          'Yes. Invoice is offered for orders up to $500 that go to the billing address. Choose "Pay later" on the payment step; you then have 14 days from the delivery.',
        ],
        [
          'Great, and does it still arrive by {weekday}?',
          'Yes: if the order is placed before 18:00 today, delivery to {city} by {weekday} still holds. The order number will be {order}.',
        ],
      ],
      [
        [
          'Why is the {percent} % discount code not applied to my basket?',
          'The code is valid, but it is for items at full price and {product} is already reduced. Remove the reduced item or add something at full price, and the {percent} % will be taken off that part of the basket.',
        ],
        [
          'Can I use the code for the next order then?',
          'Yes, it can be used once until the end of {month}. It stays in your account under "Vouchers".',
        ],
      ],
      [
        [
          'Do you ship to {city}? And what does it cost?',
          'We do. Standard delivery to {city} takes {days} working days and is free above $60; below that it is $4.90. Express costs $12.50 and arrives on the next working day.',
        ],
        [
          'My basket is {amount}. Is that enough?',
          'Delivery is decided on the last page of the checkout, after vouchers. With a basket of {amount} you can see there at once whether standard delivery is free or $4.90.',
        ],
      ],
      [
        [
          'I ordered {product} in the wrong colour, order {order}. {Can you change it?|Is it too late to change that?}',
          'Order {order} has not left the warehouse yet, so the colour can still be changed. Black, blue and green are in stock; which would you like? The price of {amount} stays the same.',
        ],
        [
          '{Blue|Black|Green}, please.',
          'Done: the colour in order {order} is changed, and a new confirmation is on its way to your e-mail address. Delivery stays as planned, on {weekday}.',
        ],
      ],
      [
        [
          'What is the difference between the two {device} models in my basket?',
          'The cheaper one has half the storage and no fast charging; screen, battery and warranty are the same. If you mostly stream and browse, the cheaper one is enough. If you take many videos, the storage is worth the difference of {amount}.',
        ],
      ],
    ],
    zh: [
      [
        [
          '{你好|您好}，我买{product}的时候银行卡一直支付失败，已经试了{两次|三次}了。',
          '非常抱歉给您带来不便。银行返回的结果是“拒绝交易”，一般是额度或安全验证的原因，目前没有扣款。您可以在手机银行里确认这笔 {amount} 的交易后重试，或者换一种支付方式。',
        ],
        [
          '手机银行里没有要确认的内容。可以货到付款吗？',
          '可以。收货地址在{city}市区的订单支持货到付款，在支付页面选择“货到付款”即可，无需额外费用。',
        ],
        [
          '好的，{weekday}之前能送到吗？',
          '可以的。今天 18 点之前下单，{weekday}之前送达{city}。您的订单号是 {order}，发货后会短信通知您。',
        ],
      ],
      [
        [
          '为什么我的优惠券用不了？',
          '这张优惠券仅限原价商品使用，而您购物车里的{product}正在参加活动。您可以加购一件原价商品，系统会自动对原价部分减免 {percent}%。',
        ],
        ['那我下次还能用吗？', '可以的，这张券在{month}底之前都有效，限用一次，在“我的卡券”里可以找到。'],
      ],
      [
        [
          '订单 {order} 的地址填错了，{还能改吗|能不能帮我改一下}？',
          '可以的，订单 {order} 还没有出库。请在订单详情里点击“修改地址”，改到{city}不影响运费。修改后预计 {days} 天内送达。',
        ],
        [
          '改好了，发票抬头也想改一下。',
          '好的，发票在签收后才会开具，您可以在“发票管理”里修改抬头。如果是公司抬头，请一并填写税号。',
        ],
      ],
      [
        [
          '{product}现在有货吗？我想要两件。',
          '{city}仓目前有现货，两件可以一起发出，合计 {amount}。现在下单的话，预计{weekday}送达。',
        ],
      ],
      [
        [
          '购物车里这两款{device}有什么区别？',
          '便宜的那款存储少一半，也不支持快充，屏幕、电池和保修都一样。日常上网看视频，便宜的足够；经常拍视频的话，建议多花 {amount} 选大存储。',
        ],
      ],
    ],
  },
};

/** Photos that customers send: receipts, parcels. */
export const CHECKOUT_PHOTOS: Topic = {
  ...CHECKOUT,
  system: {
    en: 'Read the photo of a receipt, label or parcel and answer with what is needed for the order. If the photo is not readable, say so.',
    zh: '请阅读小票、标签或包裹的照片，提取订单所需的信息。如果照片无法辨认，请直接说明。',
  },
  scenarios: {
    en: [
      [
        [
          'This is the label on my parcel. Which order is it?',
          'The label shows order {order}, sent to {city} on {weekday}. The weight on it is 1.{count} kg. The second barcode is damaged, but the first one can be scanned.',
        ],
      ],
      [
        [
          'Is the discount on this receipt right?',
          'The receipt lists {count} items. The {percent} % was taken off before tax, which is what the campaign says; the total of {amount} is right.',
        ],
      ],
    ],
    zh: [
      [
        [
          '这是包裹上的面单，请问是哪个订单？',
          '面单上的订单号是 {order}，{weekday}发往{city}，共 {count} 件。第二个条码有破损，第一个可以正常扫描。',
        ],
      ],
      [
        [
          '帮我看看这张小票的折扣对不对。',
          '小票上共有 {count} 件商品，{percent}% 的折扣按税前价格计算，与活动规则一致，合计 {amount} 无误。',
        ],
      ],
    ],
  },
};
