import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** Reads and parses an NDJSON file, line by line. Argument: the file. */
const started = performance.now();
let records = 0;
for await (const line of createInterface({ input: createReadStream(process.argv[2] ?? '') })) {
  records += JSON.parse(line).model === undefined ? 0 : 1;
}
console.log(JSON.stringify({ records, seconds: (performance.now() - started) / 1000 }));
