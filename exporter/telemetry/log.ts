import { type Logger, pino } from 'pino';
import type { LogLevel } from '../config/settings.js';

export type { Logger };

/** The exporter's own log: one JSON object a line, on stderr. Tokens, keys and content never go into it. */
export function createLog(level: LogLevel): Logger {
  return pino({ level, base: {}, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}
