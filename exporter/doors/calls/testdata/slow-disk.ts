import { type Files, nodeFiles } from '../../../spool/files.js';

/** The real file system, whose syncs can be made to wait, or to fail. */
export class SlowDisk {
  /** Set, a sync waits for it and shares its fate. */
  sync: Promise<void> | null = null;

  readonly files: Files = {
    ...nodeFiles,
    sync: async (fd) => {
      await this.sync;
      await nodeFiles.sync(fd);
    },
  };
}
