import { OVERFLOW } from '../../call/label-value.js';

/** A model with its outcomes and logs is a handful of streams, and Loki has a limit on these. */
const MODELS_PER_WORKSPACE = 200;

/**
 * Which models are labels of their own. The first so many of a workspace are, others fold into `__overflow__`, with the true
 * name in the metadata. A choice stays: it is saved together with the position in the log, so entries that are made again
 * after a crash are the same.
 */
export class ModelLabels {
  readonly #models: Map<string, Set<string>>;
  /** Workspaces of which Loki has said that they have too many streams: nothing new gets a label. */
  readonly #closed: Set<string>;

  /** @param saved what `toJSON` gave */
  constructor(
    saved: unknown = {},
    private readonly limit = MODELS_PER_WORKSPACE,
  ) {
    const { models, closed } = saved as Partial<SavedModelLabels>;
    this.#models = new Map(Object.entries(models ?? {}).map(([workspace, names]) => [workspace, new Set(names)]));
    this.#closed = new Set(closed ?? []);
  }

  /** The label for a model; the same from the first time on. */
  labelFor(workspace: string, model: string): string {
    let known = this.#models.get(workspace);
    if (known?.has(model)) return model;
    if (this.#closed.has(workspace) || (known?.size ?? 0) >= this.limit) return OVERFLOW;
    if (known === undefined) {
      known = new Set();
      this.#models.set(workspace, known);
    }
    known.add(model);
    return model;
  }

  /** From now on this model folds, and so does every one that has no label yet in its workspace. */
  fold(workspace: string, model: string): void {
    this.#models.get(workspace)?.delete(model);
    this.#closed.add(workspace);
  }

  toJSON(): SavedModelLabels {
    return {
      models: Object.fromEntries([...this.#models].map(([workspace, names]) => [workspace, [...names]])),
      closed: [...this.#closed],
    };
  }
}

export interface SavedModelLabels {
  models: Readonly<Record<string, readonly string[]>>;
  closed: readonly string[];
}
