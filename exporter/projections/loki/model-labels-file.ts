import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nodeFiles } from '../../spool/files.js';
import { replaceFile } from '../../spool/replace-file.js';
import { ModelLabels } from './model-labels.js';

/** Model labels in a file, replaced as a whole: after a crash it is there as it was before or after. */
export class ModelLabelsFile {
  #savedRevision: number;
  #saving: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string,
    readonly labels: ModelLabels,
  ) {
    this.#savedRevision = labels.revision;
  }

  /**
   * @param onUnreadable is told where the file cannot be used, and choices begin anew
   * @throws system errors
   */
  static async open(file: string, onUnreadable: () => void): Promise<ModelLabelsFile> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    let saved: unknown = {};
    try {
      saved = JSON.parse(await readFile(file, 'utf8'));
      return new ModelLabelsFile(file, new ModelLabels(saved));
    } catch (error) {
      // Only what is not there is no damage. A system error must not pass for it.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== undefined && code !== 'ENOENT') throw error;
      if (code === undefined) onUnreadable();
      return new ModelLabelsFile(file, new ModelLabels());
    }
  }

  /**
   * Returns when every choice that was made before is durable.
   * @throws system errors
   */
  save(): Promise<void> {
    const saved = this.#saving.then(() => this.#save());
    this.#saving = saved.catch(() => {});
    return saved;
  }

  async #save(): Promise<void> {
    const { revision } = this.labels;
    if (revision === this.#savedRevision) return;
    const text = Buffer.from(JSON.stringify(this.labels));
    await replaceFile(nodeFiles, this.file, (fd) => nodeFiles.write(fd, text, 0));
    this.#savedRevision = revision;
  }
}
