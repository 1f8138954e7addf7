import { type FSWatcher, statSync, watch } from 'node:fs';

export interface ChangeHintsOptions {
  /** Something may have changed: look. */
  readonly onHint: () => void;
  /** The system reports no changes of a folder; only regular looks are left. Called once. */
  readonly onBlind: (error: unknown) => void;
  /** How often to look in any case: network file systems and links report nothing. */
  readonly pollMs: number;
}

/** Beyond that many folders regular looks have to do: what the system can watch is limited, and shared. */
const mostFolders = 512;

/** Says when to look at files again, and nothing about what has happened to them: what the system reports is not to be relied on. */
export class ChangeHints {
  readonly #options: ChangeHintsOptions;
  readonly #watched = new Map<string, { readonly watcher: FSWatcher; readonly identity: string }>();
  readonly #timer: NodeJS.Timeout;
  #isBlind = false;

  constructor(options: ChangeHintsOptions) {
    this.#options = options;
    this.#timer = setInterval(options.onHint, options.pollMs).unref();
  }

  /** The folders to watch from now on. One that has been replaced by another of its name is watched anew. */
  watch(folders: Iterable<string>): void {
    const wanted = new Map([...folders].slice(0, mostFolders).map((folder) => [folder, identityOf(folder)]));
    for (const [folder, { identity }] of this.#watched)
      if (wanted.get(folder) !== identity) this.#end(folder);
    for (const [folder, identity] of wanted)
      if (identity !== undefined && !this.#watched.has(folder)) this.#begin(folder, identity);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { watcher } of this.#watched.values()) watcher.close();
  }

  #begin(folder: string, identity: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, this.#options.onHint);
      watcher.on('error', (error) => {
        this.#end(folder);
        this.#reportBlind(error);
      });
      this.#watched.set(folder, { watcher, identity });
    } catch (error) {
      this.#reportBlind(error);
    }
  }

  #end(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }

  #reportBlind(error: unknown): void {
    if (this.#isBlind) return;
    this.#isBlind = true;
    this.#options.onBlind(error);
  }
}

/** Undefined if there is no such folder. */
function identityOf(folder: string): string | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() ? `${stats.dev} ${stats.ino}` : undefined;
}
