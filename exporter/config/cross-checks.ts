import type { Catalogue, QUOTA_KEYS } from './catalogue.js';
import type { Place, Problems } from './config-error.js';
import { variableOf } from './environment.js';
import type { Entry } from './kind.js';
import { formatListenAddress, isLoopback } from './listen-address.js';
import { formatSize } from './quantities.js';

type Config = Entry<Catalogue>;

/** What no key can know by itself: how keys stand to each other. */
export function checkTogether(config: Config, problems: Problems): void {
  checkOrder(config, 'limits.body_bytes', 'limits.in_flight_bytes', problems);
  checkOrder(config, 'limits.record_bytes', 'limits.decompressed_bytes', problems);
  checkInFlight(config, problems);
  checkSeries(config, problems);
  checkQuotas(config.values.quotas, problems);
  checkListening(config, problems);
}

type SizeKey = 'limits.body_bytes' | 'limits.in_flight_bytes' | 'limits.record_bytes' | 'limits.decompressed_bytes';

function checkOrder(config: Config, smaller: SizeKey, larger: SizeKey, problems: Problems): void {
  const [small, large] = [config.values[smaller], config.values[larger]];
  if (small <= large) return;
  // Defaults are in order, so at least one of the two was written.
  const blamed = config.places.has(smaller) ? smaller : larger;
  const found =
    blamed === smaller
      ? `${formatSize(small)} is more than ${larger} (${formatSize(large)})`
      : `${formatSize(large)} is less than ${smaller} (${formatSize(small)})`;
  problems.add(placeOf(config, blamed), blamed, found, null, `Raise ${larger} or lower ${smaller}.`);
}

/** A workspace's budget that the common one cannot hold would never be reached. */
function checkSeries(config: Config, problems: Problems): void {
  const [workspace, total] = ['metrics.series.workspace', 'metrics.series.total'] as const;
  if (config.values[workspace] <= config.values[total]) return;
  const blamed = config.places.has(workspace) ? workspace : total;
  const found = `${config.values[workspace]} series of one workspace are more than the ${config.values[total]} of all`;
  problems.add(placeOf(config, blamed), blamed, found, null, `Raise ${total} or lower ${workspace}.`);
}

/** A compressed body is held beside what comes out of it: with less room the largest would be refused for ever. */
function checkInFlight(config: Config, problems: Problems): void {
  const body = config.values['limits.body_bytes'];
  const decompressed = config.values['limits.decompressed_bytes'];
  const inFlight = config.values['limits.in_flight_bytes'];
  if (body > inFlight || body + decompressed <= inFlight) return;
  const keys = ['limits.in_flight_bytes', 'limits.decompressed_bytes', 'limits.body_bytes'] as const;
  const blamed = keys.find((key) => config.places.has(key)) ?? keys[0];
  problems.add(
    placeOf(config, blamed),
    blamed,
    `limits.in_flight_bytes (${formatSize(inFlight)}) holds less than one compressed body and what it becomes`,
    `limits.in_flight_bytes of at least ${formatSize(body + decompressed)}`,
    'Raise limits.in_flight_bytes, or lower limits.body_bytes or limits.decompressed_bytes.',
  );
}

function checkQuotas(quotas: readonly Entry<typeof QUOTA_KEYS>[], problems: Problems): void {
  const seen = new Map<string, Entry<typeof QUOTA_KEYS>>();
  for (const quota of quotas) {
    const { workspace, model } = quota.values;
    if (!quota.places.has('rpm') && !quota.places.has('tpm')) {
      problems.add(quota.place, quota.key, 'found neither rpm nor tpm', 'rpm, tpm or both');
    }
    const name = JSON.stringify([workspace, model]);
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, quota);
    } else {
      const found = `the same workspace and model as ${first.key} on line ${first.place.line}`;
      problems.add(quota.place, quota.key, found, null, 'Put rpm and tpm into one entry.');
    }
  }
}

function checkListening(config: Config, problems: Problems): void {
  const { listen } = config.values;
  if (isLoopback(listen.host) || config.values['auth.anonymous']) return;
  if (config.values['auth.tokens'].length > 0) return;
  // A refused token would make this a second complaint about the same slip.
  if (problems.list.some((problem) => problem.key.startsWith('auth'))) return;
  problems.add(
    placeOf(config, 'listen'),
    'listen',
    `${formatListenAddress(listen)} can be reached from other machines, and there are no tokens`,
    'a loopback address (127.0.0.1, [::1], localhost) as long as auth.tokens is empty',
    `Add auth.tokens, or say auth.anonymous: true (${variableOf('auth.anonymous')}=true) if everybody who reaches ` +
      'this address may write and read everything.',
  );
}

function placeOf(config: Config, path: keyof Catalogue): Place {
  return config.places.get(path) ?? config.place;
}
