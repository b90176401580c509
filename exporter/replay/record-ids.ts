import { createHash, randomBytes } from 'node:crypto';

/**
 * Makes the id of a record that has none. It must be made here, before the first send: the exporter would make
 * another each time that a batch is sent again.
 * @param number line in the file
 * @param bytes the record as it stands there
 */
export type IdOf = (number: number, bytes: Buffer) => string;

/**
 * Ids from the line number and its text: the same file gives the same ids whenever it is replayed, also when lines
 * were added behind, or one was mended in place. Two equal lines of a file are two calls.
 * @param source tells apart files that may hold the same line at the same place
 */
export function idsFromLines(source: string): IdOf {
  return (number, bytes) => {
    const hash = createHash('sha256').update(`${source}\n${number}\n`).update(bytes).digest('base64url');
    return `replay-${hash.slice(0, 22)}`;
  };
}

/** Ids that no other replay makes, so that the same file counts again. */
export function newIds(run: string = randomBytes(9).toString('base64url')): IdOf {
  return (number) => `replay-${run}-${number}`;
}
