import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { temporaryFolder } from './harness/temporary-folder.js';
import { PRICES } from './naive-counters.js';

/** The price list of the end-to-end tests as a file; for `pricing_file`. */
export async function priceFile(): Promise<string> {
  const file = join(await temporaryFolder('prices'), 'pricing.yml');
  await writeFile(file, stringify(PRICES));
  return file;
}
