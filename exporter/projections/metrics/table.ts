import type { InferenceType, Monitoring } from '../../call/call.js';
import { Births } from './births.js';
import { type Block, BlockList, type BlockOwner } from './blocks.js';
import { type BlockKinds, HISTOGRAMS, histogramKind, KIND_NAMES, type KindName } from './kinds.js';
import { Model, type SeriesOwner, Tuple, UNBORN, Workspace } from './owners.js';
import { NumberPages } from './pages.js';

export type BlockLists = { readonly [Name in KindName]: BlockList };

/** Every series there is: who owns it, when it was born, and its number. Knows nothing of calls or budgets. */
export class SeriesTable {
  readonly numbers = new NumberPages();
  readonly births = new Births();
  readonly lists: BlockLists;
  private readonly workspaceByName = new Map<string, Workspace>();
  // Like the lists of blocks appended to, and replaced when owners leave: array and length freeze them.
  private workspaceList: Workspace[] = [];
  private modelList: Model[] = [];
  private tupleList: Tuple[] = [];
  private lines = 0;
  private born = 0;

  constructor(kinds: BlockKinds) {
    const lists = KIND_NAMES.map((name) => [name, new BlockList(kinds[name])]);
    this.lists = Object.fromEntries(lists) as BlockLists;
  }

  /** How many series there are, as lines of an exposition. */
  get series(): number {
    return this.lines;
  }

  /** Blocks born up to now have serials below this. */
  get nextSerial(): number {
    return this.born;
  }

  get workspaces(): readonly Workspace[] {
    return this.workspaceList;
  }

  get models(): readonly Model[] {
    return this.modelList;
  }

  get tuples(): readonly Tuple[] {
    return this.tupleList;
  }

  /**
   * The tuple of these values, found through one Map a label: no text is joined, so no value can forge
   * another's key. Null when there is none.
   */
  find(workspace: string, model: string, apikey: string, inferenceType: InferenceType): Tuple | null {
    const owner = this.workspaceByName.get(workspace)?.models.get(model);
    return owner === undefined ? null : this.findTuple(owner, apikey, inferenceType);
  }

  findWorkspace(name: string): Workspace | null {
    return this.workspaceByName.get(name) ?? null;
  }

  findTuple(model: Model, apikey: string, inferenceType: InferenceType): Tuple | null {
    const tuples = model.keys.get(apikey);
    if (tuples === undefined) return null;
    return inferenceType === 'batch' ? tuples.batch : tuples.realtime;
  }

  /** The workspace, created with the series that every workspace has. */
  placeWorkspace(name: string, monitoring: Monitoring, arrivalMs: number): Workspace {
    let workspace = this.workspaceByName.get(name);
    if (workspace === undefined) {
      workspace = this.addWorkspace(name, monitoring);
      this.bear('workspaceSeries', workspace, '', arrivalMs);
      this.numbers.add(this.bear('workspaceInfo', workspace, monitoring, arrivalMs), 0, 1);
    }
    return workspace;
  }

  /** A workspace that is not there yet and has no series yet. */
  addWorkspace(name: string, monitoring: Monitoring): Workspace {
    const workspace = new Workspace(name, monitoring);
    this.workspaceList.push(workspace);
    this.workspaceByName.set(name, workspace);
    return workspace;
  }

  placeModel(workspace: Workspace, name: string): Model {
    let model = workspace.models.get(name);
    if (model === undefined) {
      model = new Model(workspace, name);
      this.modelList.push(model);
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
      tuple = new Tuple(model, apikey, inferenceType);
      this.tupleList.push(tuple);
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
    list.add(owner, this.born, key, slot);
    this.born += 1;
    this.account(owner.account, list.kind.shapes.length);
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

  /**
   * Takes out every tuple that was last counted in before this hour, and what is left empty by that. A
   * tuple of which it is not known counts as counted in now.
   * @returns how many tuples left
   */
  expire(before: number, hour: number): number {
    const gone = new Set<BlockOwner>();
    for (const tuple of this.tupleList) {
      if (tuple.hour === 0) tuple.hour = hour;
      if (tuple.hour >= before) continue;
      gone.add(tuple);
      detach(tuple);
    }
    if (gone.size === 0) return 0;
    const left = gone.size;
    for (const model of this.modelList) {
      if (model.keys.size > 0) continue;
      gone.add(model);
      model.account.models.delete(model.name);
    }
    for (const workspace of this.workspaceList) {
      if (workspace.models.size > 0) continue;
      gone.add(workspace);
      this.workspaceByName.delete(workspace.name);
    }
    const stays = (owner: BlockOwner) => !gone.has(owner);
    this.tupleList = this.tupleList.filter(stays);
    this.modelList = this.modelList.filter(stays);
    this.workspaceList = this.workspaceList.filter(stays);
    for (const name of KIND_NAMES) this.drop(name, ({ owner }) => gone.has(owner));
    return left;
  }

  /**
   * From now on a workspace is watched in this mode. To `basic` its histograms go on exactly, as sum and
   * count; to `advanced` they begin anew with the next call, because nobody knows the buckets of before.
   */
  watch(workspace: Workspace, monitoring: Monitoring): void {
    if (workspace.monitoring === monitoring) return;
    const isOwn = ({ owner }: Block) => owner.account === workspace;
    const before = workspace.monitoring;
    const dropped = HISTOGRAMS.map((name) => {
      const kind = histogramKind(name, before);
      const { cells } = this.lists[kind].kind;
      const blocks = this.lists[kind].blocks.filter(isOwn) as Block<Tuple>[];
      const totals = blocks.map((block) => ({
        tuple: block.owner,
        numbers: this.numbers.block(block.slot, 1 + cells).slice(),
      }));
      this.drop(kind, isOwn);
      for (const { tuple } of totals) tuple[name] = UNBORN;
      return { name, totals };
    });
    this.drop('errors', isOwn);
    this.drop('workspaceInfo', isOwn);
    workspace.monitoring = monitoring;
    this.numbers.add(this.adopt('workspaceInfo', workspace, monitoring), 0, 1);
    if (monitoring === 'advanced') return;
    for (const { name, totals } of dropped) {
      for (const { tuple, numbers } of totals) {
        const slot = this.adopt(histogramKind(name, monitoring), tuple, '');
        const buckets = numbers.subarray(1, -1);
        const count = buckets.reduce((sum, bucket) => sum + bucket, 0);
        this.numbers.block(slot, 3).set([numbers[0] as number, count, numbers.at(-1) as number]);
      }
    }
  }

  /** Blocks leave: their lines are free for others, their slots are used again. */
  private drop(name: KindName, leaves: (block: Block) => boolean): void {
    const list = this.lists[name];
    const { cells, shapes } = list.kind;
    for (const block of list.drop(leaves)) {
      const owner = block.owner as SeriesOwner;
      this.numbers.release(block.slot, 1 + cells);
      if (name === 'errors') (owner as Tuple).detachError(block.key);
      this.account(owner.account, -shapes.length);
    }
  }

  private account(workspace: Workspace, lines: number): void {
    this.lines += lines;
    workspace.lines += lines;
    if (workspace.series !== UNBORN) this.numbers.block(workspace.series, 2)[1] = workspace.lines;
  }
}

function detach({ model, apikey, inferenceType }: Tuple): void {
  const tuples = model.keys.get(apikey);
  if (tuples === undefined) return;
  tuples[inferenceType] = null;
  if (tuples.realtime === null && tuples.batch === null) model.keys.delete(apikey);
}
