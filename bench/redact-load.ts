import { createRedactor } from '../exporter/redaction/redactor.js';
import { ContentRecords } from './content-records.js';

/**
 * Redacts the contents of call records, from bytes to bytes, as intake does: parsed, masked, written again.
 * Arguments: contents, `mask` or `copy` (parsed and written again, not redacted).
 */
const [contents = '500', what = 'mask'] = process.argv.slice(2);
const redactor = createRedactor();
const records = new ContentRecords('redact');
const texts = Array.from({ length: Number(contents) }, () => {
  const { request, response } = records.next(0);
  return JSON.stringify({ request, response });
});

function pass(): number {
  let bytes = 0;
  for (const text of texts) {
    const parsed: unknown = JSON.parse(text);
    const redacted = what === 'mask' ? redactor.redactContent(parsed) : { value: parsed };
    if ('withheld' in redacted) throw new Error(redacted.withheld);
    Buffer.from(JSON.stringify(redacted.value));
    bytes += Buffer.byteLength(text);
  }
  return bytes;
}

const WARM_UP_PASSES = 4;
const PASSES = 20;
for (let i = 0; i < WARM_UP_PASSES; i += 1) pass();
let bytes = 0;
const started = performance.now();
for (let i = 0; i < PASSES; i += 1) bytes += pass();
console.log(JSON.stringify({ bytes, seconds: (performance.now() - started) / 1000 }));
