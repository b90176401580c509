/** What is logged of a workspace's calls: nothing, the audit log alone, or content too, masked or as it is. */
export type ContentMode = 'off' | 'metadata' | 'masked' | 'full';

/** Whose content is logged, as the configuration says it. */
export interface ContentRules {
  readonly default: ContentMode;
  /** Those that are logged otherwise. */
  readonly workspaces: ReadonlyMap<string, ContentMode>;
  /** Names of models, or prefixes that end in `*`; empty = all. */
  readonly models: readonly string[];
  /** Share of calls whose content is logged, 0 to 1. */
  readonly sampleRate: number;
}

/** Decides of which calls content is kept. Pure: the same call gets the same answer, whenever it is sent again. */
export class ContentPolicy {
  readonly #rules: ContentRules;
  readonly #hasLoki: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #prefixes: readonly string[];

  /** @param hasLoki false = there is nowhere to send logs to: every workspace is off */
  constructor(rules: ContentRules, hasLoki: boolean) {
    this.#rules = rules;
    this.#hasLoki = hasLoki;
    this.#names = new Set(rules.models.filter((model) => !model.endsWith('*')));
    this.#prefixes = rules.models.filter((model) => model.endsWith('*')).map((model) => model.slice(0, -1));
  }

  /** What is logged of a workspace's calls. */
  modeOf(workspace: string): ContentMode {
    if (!this.#hasLoki) return 'off';
    return this.#rules.workspaces.get(workspace) ?? this.#rules.default;
  }

  /** Whether the call has an inference log. The three as they stand in the frame. */
  wantsContent(workspace: string, model: string, id: string): boolean {
    const mode = this.modeOf(workspace);
    return (mode === 'masked' || mode === 'full') && this.#hasModel(model) && this.#samples(workspace, id);
  }

  #hasModel(model: string): boolean {
    if (this.#names.size === 0 && this.#prefixes.length === 0) return true;
    return this.#names.has(model) || this.#prefixes.some((prefix) => model.startsWith(prefix));
  }

  #samples(workspace: string, id: string): boolean {
    const { sampleRate } = this.#rules;
    if (sampleRate >= 1) return true;
    return spread(fnv(fnv(fnv(FNV_BASIS, workspace), '\0'), id)) / 2 ** 32 < sampleRate;
  }
}

const FNV_BASIS = 0x811c9dc5;

/** FNV-1a over UTF-16 units. */
function fnv(basis: number, text: string): number {
  let hash = basis;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Ids that differ in their last digit differ little in FNV's high bits, which decide here. */
function spread(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
