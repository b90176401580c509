import { OVERFLOW } from '../../call/label-value.js';

/** A model with its outcomes and logs is a handful of streams, and Loki has a limit on these. */
const MODELS_PER_WORKSPACE = 200;

/**
 * Which models are labels of their own. The first so many of a workspace are, others fold into `__overflow__`, with the true
 * name in the metadata. A choice stays: it is saved before anything is pushed by it, so entries that are made again after a
 * crash are the same.
 */
export class ModelLabels {
  readonly #models: Map<string, Set<string>>;
  /** Workspaces of which Loki has said that they have too many streams: nothing new gets a label. */
  readonly #closed: Set<string>;
  /** By workspace, streams that Loki had no room for, and the sequence from which on their calls fold. */
  readonly #folded: Map<string, Map<string, number>>;
  #revision = 0;

  /** @param saved what `toJSON` gave */
  constructor(
    saved: unknown = {},
    private readonly limit = MODELS_PER_WORKSPACE,
  ) {
    const { models, closed, folded } = saved as Partial<SavedModelLabels>;
    this.#models = new Map(Object.entries(models ?? {}).map(([workspace, names]) => [workspace, new Set(names)]));
    this.#closed = new Set(closed ?? []);
    this.#folded = new Map(
      Object.entries(folded ?? {}).map(([workspace, from]) => [workspace, new Map(Object.entries(from))]),
    );
  }

  /** Another number after each new choice. */
  get revision(): number {
    return this.#revision;
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
    this.#revision += 1;
    return model;
  }

  /**
   * From the call of a sequence on, the model folds in one of its streams, and so does in all of them every model that has no label yet in
   * its workspace. Entries before keep the label with which they are in Loki already, and so do the model's other streams.
   * @param stream what tells it from others of the model: its log and outcome
   * @returns false where it is folded already, or has no label: nothing changes by that
   */
  fold(workspace: string, model: string, stream: string, fromSequence: number): boolean {
    if (!this.#models.get(workspace)?.has(model)) return false;
    let folded = this.#folded.get(workspace);
    if (folded === undefined) {
      folded = new Map();
      this.#folded.set(workspace, folded);
    }
    const key = `${stream} ${model}`;
    if (folded.has(key)) return false;
    folded.set(key, fromSequence);
    this.#closed.add(workspace);
    this.#revision += 1;
    return true;
  }

  /** Whether an entry of the call of a sequence folds, though its model has a label. */
  isFolded(workspace: string, model: string, stream: string, sequence: number): boolean {
    const from = this.#folded.get(workspace)?.get(`${stream} ${model}`);
    return from !== undefined && sequence >= from;
  }

  toJSON(): SavedModelLabels {
    return {
      models: Object.fromEntries([...this.#models].map(([workspace, names]) => [workspace, [...names]])),
      closed: [...this.#closed],
      folded: Object.fromEntries([...this.#folded].map(([workspace, from]) => [workspace, Object.fromEntries(from)])),
    };
  }
}

export interface SavedModelLabels {
  models: Readonly<Record<string, readonly string[]>>;
  closed: readonly string[];
  folded: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
