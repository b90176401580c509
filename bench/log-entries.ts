import type { LogEntry } from '../exporter/projections/loki/entry.js';

const WORDS =
  'the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were her all she there would their we him been has when who will more no if out so said what up its about into than them can only other new some could time these two may then do first any my now such like our over man me even most made after also did many before must through years where much your way well down should because each just those people mr how too little state good very make world still own see men work long get here between both life being under never day same another know while last might us great old year off come since against go came right used take three 模型 请求 回答 用户 数据 服务 时间 系统 问题 方法 结果 使用 可以 我们 进行 通过'.split(
    ' ',
  );
const MODELS = ['qwen-max', 'qwen-plus', 'qwen-turbo', 'text-embedding-v4'];

/**
 * Log entries of `calls` calls for the benchmarks, from a seed: for each an audit line of half a KB, and an inference line with
 * some 8 KB of text in two scripts.
 */
export function logEntries(calls: number, firstNs: bigint): LogEntry[] {
  let state = 0x9e3779b9;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
  const text = (length: number): string => {
    let words = '';
    while (words.length < length) words += `${WORDS[Math.floor(random() ** 2 * WORDS.length)]} `;
    return words;
  };
  const labels = new Map<string, LogEntry['labels']>();
  const labelsOf = (log: string, model: string): LogEntry['labels'] => {
    const key = `${log} ${model}`;
    const known = labels.get(key) ?? {
      service_name: 'model-observation',
      log,
      workspace_id: 'default',
      model,
      outcome: 'success',
    };
    labels.set(key, known);
    return known;
  };
  return Array.from({ length: calls }, (_, index): LogEntry[] => {
    const model = MODELS[Math.floor(random() * MODELS.length)]!;
    const timestampNs = firstNs + BigInt(index) * 1_000_000n;
    const call_id = `call-${Math.floor(random() * 2 ** 48).toString(36)}`;
    const input_tokens = Math.floor(random() * 4000);
    const output_tokens = Math.floor(random() * 900);
    const duration_ms = Math.floor(random() * 20_000);
    const head = { call_id, model, status_code: 200, duration_ms, usage: { input_tokens, output_tokens } };
    const metadata: LogEntry['metadata'] = [
      ['apikey_id', `key-${Math.floor(random() * 20)}`],
      ['call_id', call_id],
      ['duration_ms', String(duration_ms)],
      ['inference_type', 'realtime'],
      ['input_tokens', String(input_tokens)],
      ['output_tokens', String(output_tokens)],
      ['protocol', 'SSE'],
      ['status_code', '200'],
      ['trace_id', `${Math.floor(random() * 2 ** 48).toString(16)}${Math.floor(random() * 2 ** 48).toString(16)}`],
    ];
    const messages = [{ role: 'user', content: text(5000) }];
    const content = { ...head, request: { model, messages }, response: { content: text(2500) } };
    const audit = { ...head, workspace_id: 'default', apikey_id: metadata[0]![1], protocol: 'SSE', user: text(150) };
    return [
      { labels: labelsOf('audit', model), timestampNs, line: JSON.stringify(audit), metadata },
      { labels: labelsOf('inference', model), timestampNs, line: JSON.stringify(content), metadata },
    ];
  }).flat();
}
