import type { Random } from '../random.js';
import type { Language } from './topic.js';

type Values = (random: Random) => string;

function oneOf(...values: string[]): Values {
  return (random) => random.pick(values);
}

const NUMBERS: Readonly<Record<string, Values>> = {
  order: (random) => `${random.pick(['A', 'B', 'E', 'K'])}${random.whole(10_000, 99_999)}-${random.whole(10, 99)}`,
  ticket: (random) => `T-${random.whole(20_000, 99_999)}`,
  digits: (random) => String(random.whole(1000, 9999)),
  days: (random) => String(random.whole(2, 9)),
  count: (random) => String(random.whole(2, 6)),
  percent: (random) => String(random.pick([5, 8, 10, 12, 15, 20])),
  version: (random) => `${random.whole(2, 6)}.${random.whole(0, 14)}.${random.whole(0, 9)}`,
  email: (random) => `${random.pick(['anna', 'marcus', 'limei', 'noah', 'wq'])}.${random.whole(10, 99)}@example.com`,
  milliseconds: (random) => String(random.whole(12, 97) * 10),
};

const WORDS: Readonly<Record<Language, Readonly<Record<string, Values>>>> = {
  en: {
    // Numbers that belong to nobody: kept for films, and not given out.
    phone: (random) => `+1 202 555 01${random.whole(10, 99)}`,
    name: oneOf('Anna', 'Marcus', 'Priya', 'Tom', 'Elena', 'Joseph', 'Mei', 'Noah', 'Fatima', 'Oliver'),
    product: oneOf(
      'running shoes',
      'a rain jacket',
      'wireless headphones',
      'a coffee grinder',
      'a desk lamp',
      'a travel backpack',
      'a yoga mat',
      'a kettle',
    ),
    city: oneOf('Lisbon', 'Hamburg', 'Singapore', 'Toronto', 'Leeds', 'Melbourne', 'Austin', 'Dublin'),
    amount: (random) => `$${random.whole(18, 240)}.${random.pick(['00', '49', '50', '90', '99'])}`,
    weekday: oneOf('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'),
    month: oneOf('January', 'March', 'April', 'June', 'September', 'October'),
    device: oneOf('phone', 'tablet', 'laptop', 'smart speaker', 'router'),
    team: oneOf('payments', 'catalogue', 'logistics', 'mobile', 'data'),
    language: oneOf('TypeScript', 'Go', 'Python', 'Rust'),
  },
  zh: {
    phone: (random) => `1380000${random.whole(1000, 9999)}`,
    name: oneOf('李娜', '王强', '张敏', '刘洋', '陈静', '赵磊', '周婷', '吴凡'),
    product: oneOf('跑步鞋', '冲锋衣', '蓝牙耳机', '咖啡机', '台灯', '双肩包', '瑜伽垫', '电热水壶'),
    city: oneOf('杭州', '成都', '深圳', '北京', '武汉', '西安', '南京', '厦门'),
    amount: (random) => `${random.whole(89, 1299)} 元`,
    weekday: oneOf('周一', '周二', '周三', '周四', '周五'),
    month: oneOf('一月', '三月', '四月', '六月', '九月', '十月'),
    device: oneOf('手机', '平板', '笔记本', '智能音箱', '路由器'),
    team: oneOf('支付', '商品', '物流', '移动端', '数据'),
    language: oneOf('TypeScript', 'Go', 'Python', 'Rust'),
  },
};

/** Not the braces of JSON, which have quotes within. */
const PLACE = /\{([a-z]+|[^{}"]*\|[^{}"]*)\}/g;

/** Fills the places of texts; one that comes again in the same conversation has the same value. */
export class Slots {
  readonly #values = new Map<string, string>();

  constructor(
    private readonly language: Language,
    private readonly random: Random,
  ) {}

  /** @throws for a place that nobody knows, which is a mistake in the texts */
  fill(template: string): string {
    return template.replace(PLACE, (_, place: string) =>
      place.includes('|') ? this.random.pick(place.split('|')) : this.#value(place),
    );
  }

  #value(name: string): string {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const make = NUMBERS[name] ?? WORDS[this.language][name];
    if (make === undefined) throw new Error(`The texts have a place {${name}} that nothing fills.`);
    const value = make(this.random);
    this.#values.set(name, value);
    return value;
  }
}
