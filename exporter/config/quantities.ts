const DURATION_UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const SIZE_UNITS = { TiB: 2 ** 40, GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10, B: 1 } as const;

const DURATION = /^(?:(\d{1,16})d)?(?:(\d{1,16})h)?(?:(\d{1,16})m(?!s))?(?:(\d{1,16})s)?(?:(\d{1,16})ms)?$/;
const SIZE = /^(\d{1,16})(TiB|GiB|MiB|KiB|B)?$/;

/**
 * Reads a duration as Prometheus writes it, such as `500ms`, `35s` or `1h30m`.
 * @returns whole milliseconds; null when the text is no duration
 */
export function parseDuration(text: string): number | null {
  const parts = DURATION.exec(text);
  if (parts === null || text === '') return null;
  const ms = Object.values(DURATION_UNITS).reduce((sum, unit, index) => sum + Number(parts[index + 1] ?? 0) * unit, 0);
  return Number.isSafeInteger(ms) ? ms : null;
}

/** Writes whole milliseconds in the largest unit that divides them: 90000 is `90s`, 600000 is `10m`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  return inLargestUnit(ms, DURATION_UNITS);
}

/**
 * Reads a size such as `64MiB`, `256KiB` or `1048576`.
 * @returns whole bytes; null when the text is no size
 */
export function parseSize(text: string): number | null {
  const parts = SIZE.exec(text);
  if (parts === null) return null;
  const bytes = Number(parts[1]) * SIZE_UNITS[(parts[2] ?? 'B') as keyof typeof SIZE_UNITS];
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Writes whole bytes in the largest unit that divides them: 1536 is `1536B`, 2048 is `2KiB`. */
export function formatSize(bytes: number): string {
  if (bytes === 0) return '0B';
  return inLargestUnit(bytes, SIZE_UNITS);
}

function inLargestUnit(value: number, units: Readonly<Record<string, number>>): string {
  for (const [name, unit] of Object.entries(units)) {
    if (value % unit === 0) return `${value / unit}${name}`;
  }
  return String(value);
}
