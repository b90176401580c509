import { createHmac } from 'node:crypto';
import type { Monitoring } from '../call/call.js';
import { boundLabelValue, OVERFLOW } from '../call/label-value.js';
import { encodeLabels } from '../call/meta-writer.js';
import { notUnicode, RecordProblem } from '../call/record.js';
import { looksLikeSecret } from '../call/secret-shape.js';
import type { IdHash } from '../spool/id-hash.js';

/** What a workspace, model and key become: worked out once for many calls. */
export interface Caller {
  workspace: string;
  model: string;
  apikey: string;
  /** The three as they stand in the meta of a frame. */
  labels: Uint8Array;
  /** How the workspace is watched. */
  monitoring: Monitoring;
  /** The workspace's own hash: ids are unique within it. */
  seedLow: number;
  seedHigh: number;
}

const MAX_CALLERS = 20_000;
/** Longer than any name in use: what is remembered stays small, whatever clients send. */
const MAX_REMEMBERED_LENGTH = 1024;
/** Whose calls are without a workspace. */
export const DEFAULT_WORKSPACE = 'default';
const DEFAULT_APIKEY = 'others';
const HASH_LENGTH = 16;

export interface CallersOptions {
  idHash: IdHash;
  /** Keys the hashes that stand in for secrets. */
  secretKey: Buffer;
  apikeyAliases: ReadonlyMap<string, string>;
  monitoring: { readonly default: Monitoring; readonly workspaces: ReadonlyMap<string, Monitoring> };
}

/** Resolves who made a call: default values, aliases, secrets hidden, lengths bounded. */
export class Callers {
  readonly #options: CallersOptions;
  #byWorkspace = new Map<string, Map<string, Map<string, Caller>>>();
  #count = 0;

  constructor(options: CallersOptions) {
    this.#options = options;
  }

  /** @param workspace, model, apikey as the record has them; empty = none */
  find(workspace: string, model: string, apikey: string): Caller | RecordProblem {
    const known = this.#byWorkspace.get(workspace)?.get(model)?.get(apikey);
    if (known !== undefined) return known;
    if (!workspace.isWellFormed()) return notUnicode('workspace_id');
    if (!model.isWellFormed()) return notUnicode('model');
    if (!apikey.isWellFormed()) return notUnicode('apikey_id');
    if (workspace === OVERFLOW) return reserved('workspace_id');
    if (model === OVERFLOW) return reserved('model');
    if (apikey === OVERFLOW) return reserved('apikey_id');
    const caller = this.#resolve(workspace, model, apikey);
    this.#remember(workspace, model, apikey, caller);
    return caller;
  }

  #resolve(rawWorkspace: string, rawModel: string, rawApikey: string): Caller {
    const { idHash, monitoring } = this.#options;
    const workspace = boundLabelValue(rawWorkspace || DEFAULT_WORKSPACE);
    const model = boundLabelValue(rawModel);
    const apikey = boundLabelValue(this.#name(rawApikey || DEFAULT_APIKEY));
    idHash.hash(0, 0, workspace);
    return {
      workspace,
      model,
      apikey,
      labels: encodeLabels(workspace, model, apikey),
      monitoring: monitoring.workspaces.get(workspace) ?? monitoring.default,
      seedLow: idHash.low,
      seedHigh: idHash.high,
    };
  }

  /** A key's alias, or the key id itself, never a secret. */
  #name(apikey: string): string {
    const { apikeyAliases, secretKey } = this.#options;
    const alias = apikeyAliases.get(apikey);
    if (alias !== undefined) return alias;
    if (!looksLikeSecret(apikey)) return apikey;
    const hash = createHmac('sha256', secretKey).update(apikey).digest('hex').slice(0, HASH_LENGTH);
    const hidden = `key-${hash}`;
    return apikeyAliases.get(hidden) ?? hidden;
  }

  #remember(workspace: string, model: string, apikey: string, caller: Caller): void {
    if (workspace.length + model.length + apikey.length > MAX_REMEMBERED_LENGTH) return;
    // Clients choose these strings: the cache starts anew rather than grow with them.
    if (this.#count >= MAX_CALLERS) {
      this.#byWorkspace = new Map();
      this.#count = 0;
    }
    this.#count += 1;
    let byModel = this.#byWorkspace.get(workspace);
    if (byModel === undefined) {
      byModel = new Map();
      this.#byWorkspace.set(workspace, byModel);
    }
    let byKey = byModel.get(model);
    if (byKey === undefined) {
      byKey = new Map();
      byModel.set(model, byKey);
    }
    byKey.set(apikey, caller);
  }
}

function reserved(field: string): RecordProblem {
  return new RecordProblem(
    field,
    `${OVERFLOW} is kept for what the exporter folds when there is no room for more series`,
  );
}
