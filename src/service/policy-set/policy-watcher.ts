import { StoredLoader, type StoredLoaderOptions } from '../store/stored-loader.ts';
import { ChangeHints } from './change-hints.ts';
import { foldersOf, isSameLook, lookAtFile, lookAtPatterns, type SetLook } from './observed-files.ts';
import { type LoadOutcome, refusalOf } from './outcome.ts';
import { PolicyLoader, type PolicyNames } from './policy-loader.ts';

export interface WatcherOptions extends PolicyNames {
  /** A store that adds to the policies. */
  readonly stored?: StoredLoaderOptions | undefined;
  /** Whether changes of files are followed; else only `reload` loads. */
  readonly watch: boolean;
  /** How long files have to be left alone before they are read: a file that is being written is half a policy. */
  readonly settleMs: number;
  readonly pollMs: number;
  readonly report: (report: WatcherReport) => void;
}

export type WatcherReport =
  | LoadOutcome
  /** The files have been changing for a long time without a pause. */
  | { readonly kind: 'unsettled' }
  /** The system does not report changes; they are found by looking. */
  | { readonly kind: 'blind'; readonly message: string };

/** After that many looks at files that change all the time somebody should know. */
const patience = 200;

/** Loads the policy set again whenever its files have changed and come to rest. Blocks while it builds: it wants a thread of its own. */
export class PolicyWatcher {
  readonly #options: WatcherOptions;
  readonly #loader: PolicyLoader | StoredLoader;
  readonly #hints: ChangeHints | undefined;
  /** The files as they looked when they were last loaded, in vain or not. */
  #loaded: SetLook | undefined;
  #isBusy = false;
  #isForced = false;
  #isHinted = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    const loader = new PolicyLoader(options);
    this.#loader = options.stored === undefined ? loader : new StoredLoader(loader, options.stored);
    if (!options.watch) return;
    this.#hints = new ChangeHints({
      pollMs: options.pollMs,
      onHint: () => this.#hint(),
      onBlind: (error) => options.report({ kind: 'blind', message: String(error) }),
    });
  }

  /** Loads whether something has changed or not. */
  reload(): void {
    this.#isForced = true;
    this.#hint();
  }

  close(): void {
    this.#hints?.close();
  }

  #hint(): void {
    this.#isHinted = true;
    if (!this.#isBusy) void this.#follow();
  }

  /** One attempt after the other until nothing has changed since the last began. */
  async #follow(): Promise<void> {
    this.#isBusy = true;
    let looks = 0;
    while (this.#isHinted) {
      this.#isHinted = false;
      const before = this.#look();
      if (!this.#isForced && this.#loaded !== undefined && isSameLook(before, this.#loaded)) continue;
      if (!(await this.#load(before))) this.#isHinted = true;
      if (++looks === patience) this.#options.report({ kind: 'unsettled' });
    }
    this.#isBusy = false;
  }

  /** False if the files changed meanwhile: what came of it counts for nothing. */
  async #load(before: SetLook): Promise<boolean> {
    if (isImageName(this.#options.policy)) {
      // An image tells by its hash whether it is whole: one that is needs no time to come to rest.
      const outcome = await this.#tryToLoad();
      if (outcome.kind === 'loaded') return this.#finish(before, outcome);
    }
    if (!(await this.#isSettled(before))) return false;
    const outcome = await this.#tryToLoad();
    return isSameLook(before, this.#look()) && this.#finish(before, outcome);
  }

  async #isSettled(before: SetLook): Promise<boolean> {
    // At the start there is no policy yet that could go on serving.
    if (this.#loaded === undefined) return true;
    await new Promise((resolve) => setTimeout(resolve, this.#options.settleMs));
    return isSameLook(before, this.#look());
  }

  #finish(before: SetLook, outcome: LoadOutcome): true {
    this.#isForced = false;
    this.#loaded = { files: before.files, imports: this.#loader.imports };
    this.#hints?.watch(foldersOf(this.#loaded, this.#options.policy));
    this.#options.report(outcome);
    return true;
  }

  #look(): SetLook {
    const { policy, root } = this.#options;
    const imports = new Map<string, string>();
    for (const path of this.#loaded?.imports.keys() ?? []) imports.set(path, lookAtFile(path));
    return { files: lookAtPatterns(policy, root), imports };
  }

  async #tryToLoad(): Promise<LoadOutcome> {
    const startedMs = performance.now();
    try {
      const loaded = await this.#loader.load();
      return { kind: 'loaded', elapsedMs: performance.now() - startedMs, ...loaded };
    } catch (error) {
      return { kind: 'refused', ...refusalOf(error) };
    }
  }
}

function isImageName([path, ...others]: readonly string[]): boolean {
  return path !== undefined && others.length === 0 && path.endsWith('.pimg');
}
