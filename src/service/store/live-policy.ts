import type { Authorizer } from '../../index.ts';
import type { Changes } from '../../live/changes.ts';
import { Overlay } from '../../live/overlay.ts';
import type { ActivePolicy } from '../active-policy.ts';
import type { StoredPoint, StoreUpdate } from './point.ts';

/** One image with what the store has changed since: each change makes another policy, and the one before stays what it was. */
export class LivePolicy {
  readonly #base: ActivePolicy;
  #overlay: Overlay;
  #policy: ActivePolicy;

  /** @param base  the policy of the image alone */
  constructor(base: ActivePolicy, changes: readonly Changes[], point: StoredPoint) {
    this.#base = base;
    this.#overlay = Overlay.on(base.opened).with(changes);
    this.#policy = this.#at(point, changes);
  }

  get policy(): ActivePolicy {
    return this.#policy;
  }

  apply({ changes, point }: StoreUpdate): void {
    this.#overlay = this.#overlay.with(changes);
    this.#policy = this.#at(point, [...this.#policy.changes, changes]);
  }

  #at(stored: StoredPoint, changes: readonly Changes[]): ActivePolicy {
    const base = this.#base;
    const overlay = this.#overlay;
    if (overlay.size === 0 && changes.length === 0)
      return Object.freeze({ ...base, stored, revision: revisionOf(base, stored) });
    const inMode = new Map<string, Authorizer>();
    return Object.freeze({
      ...base,
      stored,
      changes,
      revision: revisionOf(base, stored),
      authorizer: base.authorizer.withOverlay(overlay),
      authorizerIn(mode: string) {
        const known = inMode.get(mode);
        const found = known ?? base.authorizerIn(mode)?.withOverlay(overlay);
        if (found !== undefined) inMode.set(mode, found);
        return found;
      },
    });
  }
}

function revisionOf({ imageRevision }: ActivePolicy, { revision }: StoredPoint): string {
  return `${imageRevision}@${revision}`;
}
