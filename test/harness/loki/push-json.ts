import { goQuote } from './go-text.js';
import type { Pair, PushedEntry, PushedStream } from './pushed.js';
import { CorruptInput } from './snappy.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Reads the JSON form of a push: `{"streams":[{"stream":{…},"values":[["ns","line",{…}]]}]}`. Other fields are passed
 * over, and null stands for nothing, as with Loki.
 *
 * @throws CorruptInput where Loki would answer 400; its own message names its parser's function and offset
 */
export function parsePushRequest(body: Buffer): PushedStream[] {
  let request: Json;
  try {
    request = JSON.parse(body.toString('utf8')) as Json;
  } catch (error) {
    throw new CorruptInput(`loghttp.PushRequest: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(request)) throw new CorruptInput('loghttp.PushRequest.ReadObject: expect { or , or } or n');
  const streams = arrayOf(request.streams);
  try {
    return streams.map(streamIn);
  } catch (error) {
    if (!(error instanceof CorruptInput)) throw error;
    const where = 'loghttp.PushRequest.Streams: []loghttp.LogProtoStream: unmarshalerDecoder';
    throw new CorruptInput(`${where}: ${error.message}`);
  }
}

function streamIn(json: Json): PushedStream {
  if (!isObject(json)) throw new CorruptInput('Unknown value type');
  const labels = json.stream ?? {};
  if (!isObject(labels)) throw new CorruptInput('Unknown value type');
  return {
    labels: `{${stringPairs(labels)
      .map(([name, value]) => `${name}=${goQuote(value)}`)
      .join(', ')}}`,
    entries: arrayOf(json.values)
      .filter((value) => value !== null)
      .map(entryIn),
  };
}

function entryIn(json: Json): PushedEntry {
  if (!Array.isArray(json)) throw new CorruptInput('Unknown value type');
  const [timestamp, line = '', metadata = {}] = json;
  if (typeof timestamp !== 'string' || typeof line !== 'string') {
    throw new CorruptInput("Value is string, but can't find closing '\"' symbol");
  }
  if (!isObject(metadata)) throw new CorruptInput("Value looks like object, but can't find closing '}' symbol");
  if (!/^-?\d+$/.test(timestamp))
    throw new CorruptInput('Value looks like Number/Boolean/None, but its format is wrong');
  return { timestampNs: BigInt(timestamp), line, lineBytes: Buffer.byteLength(line), metadata: stringPairs(metadata) };
}

function stringPairs(object: { [key: string]: Json }): Pair[] {
  return Object.entries(object).map(([name, value]): Pair => {
    if (typeof value !== 'string') throw new CorruptInput("Value is string, but can't find closing '\"' symbol");
    return [name, value];
  });
}

function isObject(json: Json | undefined): json is { [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function arrayOf(json: Json | undefined): Json[] {
  if (json === undefined || json === null) return [];
  if (!Array.isArray(json)) throw new CorruptInput('Unknown value type');
  return json;
}
