// loki/loki.yml: its numbers must fit each other and what the exporter sends; a real Loki, where there is one, takes it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BATCH_BYTES, PART_BYTES, PREVIEW_BYTES } from '../exporter/projections/loki/sizes.js';
import { limitsOf, serverLimitsOf } from './harness/loki/limits.js';
import { lokiBinary } from './harness/loki/loki-binary.js';
import { lokiConfig } from './harness/loki/loki-config.js';
import { PROJECT_ROOT } from './harness/project-root.js';

const KB = 1024;
const MB = 1024 * KB;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const config = lokiConfig() as unknown as Shipped;
const limits = limitsOf(lokiConfig(config.limits_config));
const server = serverLimitsOf(lokiConfig());

/** What the tests read of it as it stands there. */
interface Shipped {
  auth_enabled: boolean;
  server: Record<string, string | number>;
  common: { path_prefix: string; instance_addr: string };
  storage_config: { use_thanos_objstore: boolean; object_store: { filesystem: { dir: string } } };
  schema_config: { configs: Record<string, unknown>[] };
  ingester: { max_chunk_age: string; query_store_max_look_back_period: string };
  compactor: Record<string, unknown>;
  limits_config: Record<string, string | number | boolean>;
  analytics: { reporting_enabled: boolean };
}

describe('a line', () => {
  /** What stands around content: the names, the error message, the tags. */
  const HEAD_BYTES = 32 * KB;

  it('holds content up to the size of a part, with all that stands around it', () => {
    expect(PART_BYTES + HEAD_BYTES).toBeLessThanOrEqual(limits.maxLineBytes);
  });

  it('holds a preview in which every character is escaped, with all that stands around it', () => {
    expect(2 * PREVIEW_BYTES + HEAD_BYTES).toBeLessThanOrEqual(PART_BYTES);
  });

  it('fits many times into a batch', () => {
    expect(BATCH_BYTES).toBeGreaterThanOrEqual(4 * limits.maxLineBytes);
  });
});

describe('a message between the parts of Loki', () => {
  /** Of entries that a part of Loki hands to another at once when it reads. */
  const ENTRIES_AT_ONCE = 128;

  it('holds what is read at once, were every line as long as it may be', () => {
    const entry = limits.maxLineBytes + limits.maxStructuredMetadataBytes;
    expect(server.grpcMaxSendBytes).toBeGreaterThanOrEqual(ENTRIES_AT_ONCE * entry);
    expect(server.grpcMaxRecvBytes).toBeGreaterThanOrEqual(server.grpcMaxSendBytes);
  });

  it('holds a batch', () => {
    expect(server.grpcMaxRecvBytes).toBeGreaterThan(2 * BATCH_BYTES);
    expect(server.maxRequestBytes).toBeGreaterThan(2 * BATCH_BYTES);
  });
});

describe('a burst', () => {
  it('holds several batches', () => {
    expect(limits.ingestionBurstBytes).toBeGreaterThanOrEqual(4 * BATCH_BYTES);
  });

  it('is at least a second of the rate', () => {
    expect(limits.ingestionBurstBytes).toBeGreaterThanOrEqual(limits.ingestionRateBytes);
    expect(limits.perStreamBurstBytes).toBeGreaterThanOrEqual(limits.perStreamRateBytes);
  });

  it('of one stream is refused by the limit for everything together first, of which alone Loki tells', () => {
    expect(limits.perStreamRateBytes).toBeGreaterThanOrEqual(limits.ingestionRateBytes);
    expect(limits.perStreamBurstBytes).toBeGreaterThanOrEqual(limits.ingestionBurstBytes);
  });
});

describe('an entry that is pushed again', () => {
  it('comes to the stream that it came to the first time, whenever that is', () => {
    expect(limits.shardStreams).toBe(false);
    expect(limits).toMatchObject({ timeSharding: true, timeShardingIgnoreRecentMs: 0 });
  });

  it('is never out of order: a stream of one hour spans no more than Loki takes', () => {
    expect(server.maxChunkAgeMs / 2).toBe(HOUR);
  });
});

describe('a backlog', () => {
  const STREAMS = 300;

  it('of the oldest that is taken has enough streams', () => {
    expect(limits.rejectOldSamples).toBe(true);
    expect(limits.rejectOldSamplesMaxAgeMs).toBe(7 * DAY);
    expect(limits.maxStreams).toBeGreaterThanOrEqual((STREAMS * limits.rejectOldSamplesMaxAgeMs) / HOUR);
  });

  it('is found as soon as it is in', () => {
    expect(config.ingester.query_store_max_look_back_period).toBe('-1ns');
  });
});

describe('retention', () => {
  it('is 30 days, and really deletes', () => {
    expect(config.limits_config.retention_period).toBe('720h');
    expect(config.compactor).toMatchObject({ retention_enabled: true, delete_request_store: 'filesystem' });
  });

  it('needs tsdb and schema v13, with an index a day', () => {
    const schema = config.schema_config.configs;
    expect(schema).toEqual([
      expect.objectContaining({ store: 'tsdb', schema: 'v13', object_store: 'filesystem', index: expect.anything() }),
    ]);
    expect(schema[0]).toMatchObject({ index: { period: '24h' } });
  });

  it('is less than one query may span, so that all there is can be asked for', () => {
    expect(limits.maxQueryLengthMs).toBeGreaterThan(30 * DAY);
  });
});

describe('as it is shipped', () => {
  it('is reached from this machine alone, and sends nothing about itself', () => {
    expect(config.auth_enabled).toBe(false);
    expect(config.server).toMatchObject({ http_listen_address: '127.0.0.1', grpc_listen_address: '127.0.0.1' });
    expect(config.common.instance_addr).toBe('127.0.0.1');
    expect(config.analytics.reporting_enabled).toBe(false);
  });

  it('takes structured metadata as the exporter sends it', () => {
    expect(limits).toMatchObject({ allowStructuredMetadata: true, discoverLogLevels: false });
    expect(limits.maxStructuredMetadataBytes).toBe(64 * KB);
    expect(limits.maxStructuredMetadataEntries).toBe(128);
  });

  it('keeps everything below one folder', () => {
    const { common, storage_config, compactor } = config;
    expect(common.path_prefix).toBe('data/loki');
    expect(storage_config.object_store.filesystem.dir).toBe('data/loki/chunks');
    expect(compactor.working_directory).toBe('data/loki/compactor');
  });

  it('ends a slow query with its reason: the connection is kept for longer', () => {
    expect(config.server.http_server_write_timeout).toBe('90s');
    expect(config.limits_config.query_timeout).toBe('1m');
  });

  it('leaves room in memory for what it reads again after a crash', () => {
    expect(lokiConfig().ingester).toMatchObject({ wal: { replay_memory_ceiling: '512MB' } });
    expect(512 * MB).toBeLessThan(2048 * MB);
  });
});

describe.runIf(lokiBinary() !== undefined)('real Loki', () => {
  it('finds nothing wrong with it', () => {
    const args = [`-config.file=${join(PROJECT_ROOT, 'loki/loki.yml')}`, '-verify-config'];
    const checked = spawnSync(lokiBinary()!, args, { encoding: 'utf8', timeout: 60_000 });
    expect(checked.status, `${checked.stdout}${checked.stderr}`).toBe(0);
  });

  it('would find a misspelt key', () => {
    const args = ['-config.file=/dev/stdin', '-verify-config'];
    const checked = spawnSync(lokiBinary()!, args, { encoding: 'utf8', input: 'limit_config: {}\n', timeout: 60_000 });
    expect(checked.status).not.toBe(0);
  });
});
