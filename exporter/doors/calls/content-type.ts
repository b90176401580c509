/** How the records of a request are written. */
export type RecordFormat = 'json' | 'ndjson';

/**
 * @returns null for anything but JSON and NDJSON in UTF-8. Requiring the type also keeps web pages out:
 *   a browser asks before it sends these to another origin, and is not allowed
 */
export function recordFormat(contentType: string | undefined): RecordFormat | null {
  if (contentType === 'application/json') return 'json';
  if (contentType === 'application/x-ndjson') return 'ndjson';
  if (contentType === undefined) return null;
  const [type, ...parameters] = contentType.toLowerCase().split(';');
  for (const parameter of parameters) {
    const [name, value] = parameter.split('=');
    if (name?.trim() === 'charset' && !/^"?utf-?8"?$/.test(value?.trim() ?? '')) return null;
  }
  if (type?.trim() === 'application/json') return 'json';
  if (type?.trim() === 'application/x-ndjson') return 'ndjson';
  return null;
}
