const WORDS =
  'the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were her all she there would their we him been has when who will more no if out so said what up its about into than them can only other new some could time these two may then do first any my now 模型 请求 回答 用户 数据 服务 时间 系统 问题 方法 结果 使用 可以 我们 进行 通过'.split(
    ' ',
  );
/** One in so many contents holds something to redact: an address and a phone number. */
const PRIVATE_EVERY = 10;

/** Call records with content for the benchmarks: some 8 KB of conversation each, in two scripts, from a seed. */
export class ContentRecords {
  #state = 0x9e3779b9;
  #next = 0;

  constructor(private readonly prefix: string) {}

  /** The next record, with an id and a time (now) of its own. */
  next(now: number): Record<string, unknown> {
    const index = this.#next;
    this.#next += 1;
    const contact = index % PRIVATE_EVERY === 0 ? ' Write to alice@example.com or call +86 138 0013 8000.' : '';
    const messages = [
      { role: 'system', content: 'You answer in one sentence.' },
      { role: 'user', content: this.#text(3000) },
      { role: 'assistant', content: this.#text(1000) },
      { role: 'user', content: this.#text(1000) + contact },
    ];
    const choice = { index: 0, message: { role: 'assistant', content: this.#text(2000) }, finish_reason: 'stop' };
    return {
      id: `${this.prefix}-${index}`,
      time: new Date(now - 1000).toISOString(),
      workspace_id: 'default',
      model: 'qwen-plus',
      status_code: 200,
      duration_ms: 900,
      usage: { prompt_tokens: 1400, completion_tokens: 500, total_tokens: 1900 },
      request: { model: 'qwen-plus', temperature: 0.7, stream: false, messages },
      response: { id: `chatcmpl-${index}`, object: 'chat.completion', model: 'qwen-plus', choices: [choice] },
    };
  }

  /** So many records as the body of one NDJSON request. */
  body(records: number, now: number): Buffer {
    let text = '';
    for (let i = 0; i < records; i += 1) text += `${JSON.stringify(this.next(now))}\n`;
    return Buffer.from(text);
  }

  #text(length: number): string {
    let text = '';
    while (text.length < length) {
      this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0;
      text += `${WORDS[(this.#state >>> 8) % WORDS.length]} `;
    }
    return text;
  }
}
