export type Program = 'prometheus' | 'promtool' | 'alertmanager' | 'amtool';

export interface Binaries {
  /** Absolute, of those that are there. */
  paths: Partial<Record<Program, string>>;
  missing: Program[];
  /** Why some are missing; empty when none is. */
  reason: string;
  /** What the user can do about it; empty when none is missing. */
  fix: string;
}

/** Where Prometheus's and Alertmanager's programs are: on PATH, or else unpacked in the project. Changes nothing. */
export function findBinaries(): Binaries;

/** The same, after unpacking the system's packages into the project when something is missing and apt is there. */
export function ensureBinaries(say?: (line: string) => void): Promise<Binaries>;
