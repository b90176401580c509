/**
 * Loki's program: the one that LOKI_BINARY names, else `loki` on PATH; undefined when there is none.
 *
 * @throws when LOKI_BINARY names something else
 */
export function findLoki(env?: NodeJS.ProcessEnv): string | undefined;
