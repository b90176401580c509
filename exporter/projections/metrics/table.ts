import type { InferenceType } from '../../call/call.js';
import { Births } from './births.js';
import { BlockList } from './blocks.js';
import { type BlockKinds, KIND_NAMES, type KindName } from './kinds.js';
import { Model, type SeriesOwner, Tuple, Workspace } from './owners.js';
import { NumberPages } from './pages.js';

export type BlockLists = { readonly [Name in KindName]: BlockList };

/** Every series there is: who owns it, when it was born, and its number. Knows nothing of calls. */
export class SeriesTable {
  readonly numbers = new NumberPages();
  readonly births = new Births();
  readonly lists: BlockLists;
  /** Only ever appended to, like the lists of blocks: a count is enough to freeze them. */
  readonly workspaces: Workspace[] = [];
  readonly models: Model[] = [];
  readonly tuples: Tuple[] = [];
  private readonly workspaceByName = new Map<string, Workspace>();
  private lines = 0;

  constructor(kinds: BlockKinds) {
    const lists = KIND_NAMES.map((name) => [name, new BlockList(kinds[name])]);
    this.lists = Object.fromEntries(lists) as BlockLists;
  }

  /** How many series there are, as lines of an exposition. */
  get series(): number {
    return this.lines;
  }

  /**
   * The tuple of these values, found through one Map a label: no text is joined, so no value can forge
   * another's key. Null when there is none.
   */
  find(workspace: string, model: string, apikey: string, inferenceType: InferenceType): Tuple | null {
    const tuples = this.workspaceByName.get(workspace)?.models.get(model)?.keys.get(apikey);
    if (tuples === undefined) return null;
    return inferenceType === 'batch' ? tuples.batch : tuples.realtime;
  }

  /**
   * The tuple of these values, created where it is missing. Every new tuple goes through here.
   *
   * Lone surrogates would all leave as U+FFFD and make two series one on the wire, so values are made
   * well-formed first and such a tuple is found here, not by `find`.
   */
  place(workspace: string, model: string, apikey: string, inferenceType: InferenceType, arrivalMs: number): Tuple {
    const home = this.placeWorkspace(workspace.toWellFormed(), arrivalMs);
    const owner = this.placeModel(home, model.toWellFormed());
    return this.placeTuple(owner, apikey.toWellFormed(), inferenceType);
  }

  placeWorkspace(name: string, arrivalMs: number): Workspace {
    let workspace = this.workspaceByName.get(name);
    if (workspace === undefined) {
      workspace = this.addWorkspace(name);
      this.numbers.add(this.bear('workspaceInfo', workspace, '', arrivalMs), 0, 1);
    }
    return workspace;
  }

  /** A workspace that is not there yet and has no series yet. */
  addWorkspace(name: string): Workspace {
    const workspace = new Workspace(this.workspaces.length, name);
    this.workspaces.push(workspace);
    this.workspaceByName.set(name, workspace);
    return workspace;
  }

  placeModel(workspace: Workspace, name: string): Model {
    let model = workspace.models.get(name);
    if (model === undefined) {
      model = new Model(this.models.length, workspace, name);
      this.models.push(model);
      workspace.models.set(name, model);
    }
    return model;
  }

  placeTuple(model: Model, apikey: string, inferenceType: InferenceType): Tuple {
    let tuples = model.keys.get(apikey);
    if (tuples === undefined) {
      tuples = { realtime: null, batch: null };
      model.keys.set(apikey, tuples);
    }
    let tuple = tuples[inferenceType];
    if (tuple === null) {
      tuple = new Tuple(this.tuples.length, model, apikey, inferenceType);
      this.tuples.push(tuple);
      tuples[inferenceType] = tuple;
    }
    return tuple;
  }

  /** A new block at 0, born at this arrival; returns its slot. */
  bear(kind: KindName, owner: SeriesOwner, key: string, arrivalMs: number): number {
    const slot = this.adopt(kind, owner, key);
    // A gauge is shown at once: its birth reveals nothing later.
    if (this.lists[kind].kind.counter) this.numbers.block(slot, 1)[0] = this.births.note(arrivalMs);
    return slot;
  }

  /** A new block whose birth and numbers the caller writes; returns its slot. Throws on a kind or key the owner cannot have. */
  adopt(kind: KindName, owner: SeriesOwner, key: string): number {
    const list = this.lists[kind];
    const slot = this.numbers.allocate(1 + list.kind.cells);
    owner.attach(kind, key, slot);
    list.add(owner, key, slot);
    this.lines += list.kind.shapes.length;
    return slot;
  }

  /** All counters are born again at 0; gauges stay as they are. */
  rebear(nowMs: number): void {
    const birth = this.births.note(nowMs);
    this.births.restart([birth]);
    for (const name of KIND_NAMES) {
      const { kind, blocks } = this.lists[name];
      if (!kind.counter) continue;
      for (const block of blocks) {
        const numbers = this.numbers.block(block.slot, 1 + kind.cells);
        numbers.fill(0);
        numbers[0] = birth;
      }
    }
  }
}
