import type { Monitoring } from '../call/call.js';

/** The whole configuration, checked and with its defaults filled in. Durations are ms, sizes are bytes. */
export interface Settings {
  listen: ListenAddress;
  /** Absolute path. */
  dataDir: string;
  logLevel: LogLevel;
  auth: {
    /** Somebody meant it: serve without tokens beyond loopback. */
    anonymous: boolean;
    tokens: readonly TokenSettings[];
  };
  limits: {
    /** As received, compressed or not. */
    bodyBytes: number;
    decompressedBytes: number;
    recordBytes: number;
    batchRecords: number;
    nestingDepth: number;
    /** Bytes of bodies, as received and decompressed, that the whole process holds at once; 503 beyond. */
    inFlightBytes: number;
    /** A request that has not arrived whole by then is answered 408. */
    requestTimeoutMs: number;
  };
  calls: {
    lateAfterMs: number;
    /** Key id → the name it is shown by. */
    apikeyAliases: ReadonlyMap<string, string>;
  };
  /** Parsed price list; empty when there is no file. */
  pricing: PricingSettings;
  spool: {
    segmentBytes: number;
    snapshotIntervalMs: number;
    /** A snapshot is also taken after this many bytes of frames, which bounds recovery. */
    snapshotBytes: number;
    freeDiskReserveBytes: number;
    duplicateWindowMs: number;
    duplicateWindowEntries: number;
  };
  metrics: {
    birthHoldMs: number;
    buckets: {
      /** Ascending upper bounds in seconds, without +Inf. */
      durationSeconds: readonly number[];
      firstTokenSeconds: readonly number[];
      generationPerTokenSeconds: readonly number[];
    };
    series: {
      /** Most lines of an exposition, of one workspace and of all. */
      workspace: number;
      total: number;
      idleMs: number;
    };
  };
  monitoring: MonitoringSettings;
  quotas: readonly QuotaSettings[];
  /** null = no address of Loki: no logs, and content is dropped at intake. */
  loki: LokiSettings | null;
  logs: LogsSettings;
  redaction: RedactionSettings;
  notify: {
    /** By name. */
    robots: ReadonlyMap<string, RobotSettings>;
  };
}

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A robot of DingTalk. */
export interface RobotSettings {
  name: string;
  /** With its access token: a secret. */
  url: string;
  /** Signs what is sent; null = the robot asks for no signature. */
  secret: string | null;
  language: Language;
}

/** Where logs go, and how. */
export interface LokiSettings {
  /** Base address, http or https, without user and password. */
  url: string;
  /** Tenant of all logs; empty = none is named. With `tenantPerWorkspace` each workspace is its own. */
  tenant: string;
  tenantPerWorkspace: boolean;
  encoding: 'protobuf' | 'json';
  credentials:
    | { readonly kind: 'none' }
    | { readonly kind: 'basic'; readonly user: string; readonly password: string }
    | { readonly kind: 'bearer'; readonly token: string };
  /** PEM; undefined = the system's. */
  tls: { ca?: string; cert?: string; key?: string; servername?: string };
  /** What of the log may wait for Loki before the oldest segments are skipped. */
  backlogBytes: number;
  backlogAgeMs: number;
  deadLetterBytes: number;
}

/**
 * What is logged of a workspace's calls: nothing, the audit log alone, or the inference log too, with its content masked or as it is.
 */
export const LOG_MODES = ['off', 'metadata', 'masked', 'full'] as const;
export type LogMode = (typeof LOG_MODES)[number];

export interface LogsSettings {
  default: LogMode;
  /** Those that are logged otherwise. */
  workspaces: ReadonlyMap<string, LogMode>;
  /** Models with an inference log: names, or prefixes that end in `*`; empty = all. */
  models: readonly string[];
  /** Share of calls with an inference log, 0 to 1; chosen by call id. */
  sampleRate: number;
}

export interface RedactionSettings {
  /** By name of detector; `off` = it does not look. Those not named mask. */
  detectors: ReadonlyMap<string, 'mask' | 'hash' | 'drop' | 'off'>;
  patterns: readonly { name: string; pattern: string; action: 'mask' | 'hash' | 'drop' }[];
  keepMedia: boolean;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface ListenAddress {
  /** A name or address without brackets; empty = all interfaces, which server.listen() understands too. */
  host: string;
  /** 0 = any free port. */
  port: number;
}

export const SCOPES = ['ingest', 'read', 'scrape', 'notify', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface TokenSettings {
  name: string;
  scopes: readonly Scope[];
  /** The one workspace this token may write to; null = all. Never set beside the scopes `scrape` and `notify`. */
  workspace: string | null;
  /** Lower-case hex; the token itself is never kept. */
  sha256: string;
}

export interface QuotaSettings {
  /** `*` = the whole account. */
  workspace: string;
  model: string;
  /** Requests a minute; null = no such limit. */
  rpm: number | null;
  /** Tokens a minute; null = no such limit. */
  tpm: number | null;
}

export interface MonitoringSettings {
  default: Monitoring;
  /** Those that are watched otherwise. */
  workspaces: ReadonlyMap<string, Monitoring>;
}

export interface PricingSettings {
  /** Model name, or a prefix ending in `*`, → its prices, oldest first. */
  models: ReadonlyMap<string, readonly PriceSettings[]>;
}

/** What a model costs from a moment on. Prices are per million tokens; null = charged as named there. */
export interface PriceSettings {
  /** Epoch ms from which the price holds, inclusive. */
  from: number;
  currency: string;
  input: number;
  output: number;
  /** null = as `input`. */
  cachedInput: number | null;
  /** null = as `input`. */
  cacheWrite: number | null;
  /** null = as `output`. */
  reasoning: number | null;
  /** What a batch call costs of the real-time price, 0 to 1. */
  batchFactor: number;
}
