import * as path from 'node:path';
import { crc32 } from 'node:zlib';
import type { Files } from '../files.js';
import { replaceFile } from '../replace-file.js';
import type { SequenceRange } from './sequence-ranges.js';

const VERSION = 1;

/** Why frames were skipped: the cursor's budget of bytes, its budget of age, or a disk that is nearly full. */
export const SKIP_REASONS = ['bytes', 'age', 'disk'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface SkipCount {
  /** Segments of which frames were skipped. */
  segments: number;
  /** Frames of calls. */
  records: number;
  /** Of all those frames. */
  bytes: number;
}

/** What is kept of a best-effort cursor over a restart. */
export interface CursorState {
  /** Every frame up to this sequence was done with. */
  position: number;
  /** What was skipped behind the position. */
  ranges: readonly SequenceRange[];
  /** What was ever skipped. */
  skipped: Record<SkipReason, SkipCount>;
  /** Frames ever that were damaged or gone before they were read. */
  missing: number;
}

export function isCursorName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,31}$/.test(name);
}

export function nothingSkipped(): Record<SkipReason, SkipCount> {
  const none = (): SkipCount => ({ segments: 0, records: 0, bytes: 0 });
  return { bytes: none(), age: none(), disk: none() };
}

/** The folder of cursors: one small file each, a checksum and JSON. */
export class CursorFiles {
  constructor(
    private readonly directory: string,
    private readonly files: Files,
  ) {}

  /** Names of all that are there. */
  async names(): Promise<string[]> {
    return (await this.files.list(this.directory)).filter(isCursorName).sort();
  }

  /** @returns the state; null when there is none; why it cannot be used */
  async load(name: string): Promise<CursorState | string | null> {
    let text: string;
    try {
      text = (await this.files.read(this.file(name))).toString('utf8');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? null : message;
    }
    return decode(text);
  }

  async save(name: string, state: CursorState): Promise<void> {
    await replaceFile(this.files, this.file(name), (fd) => this.files.write(fd, encode(state), 0));
  }

  async remove(name: string): Promise<void> {
    await this.files.remove(this.file(name));
    await this.files.remove(`${this.file(name)}.tmp`).catch(() => {});
    await this.files.syncDirectory(this.directory);
  }

  file(name: string): string {
    return path.join(this.directory, name);
  }
}

function encode(state: CursorState): Buffer {
  const json = JSON.stringify({ version: VERSION, ...state });
  return Buffer.from(`${checksum(json)} ${json}\n`);
}

function decode(text: string): CursorState | string {
  const json = text.slice(9, -1);
  if (text !== `${checksum(json)} ${json}\n`) return 'the checksum does not match';
  const { version, ...state } = JSON.parse(json) as CursorState & { version: number };
  return version === VERSION ? state : `it has version ${version}; this program reads version ${VERSION}`;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
