import { Authorizer, type Image, inspectImage, openVerifiedImage, readImage } from '../index.ts';
import type { Changes } from '../live/changes.ts';
import { findKnownIds, type KnownIdLists } from './known-ids/find-known-ids.ts';
import type { StoredPoint } from './store/point.ts';

/** The policy that answers now, as one immutable object; replaced as a whole. */
export interface ActivePolicy {
  readonly authorizer: Authorizer;
  /** On a `SharedArrayBuffer` where workers share it. */
  readonly image: Uint8Array;
  /** The same as views, verified. */
  readonly opened: Image;
  /** Header `Postern-Revision` of every answer: that of the image, and `@` and that of the store where there is one. */
  readonly revision: string;
  /** Content hash of the image in hexadecimal. */
  readonly imageRevision: string;
  /** How far it has followed the store, if there is one. */
  readonly stored?: StoredPoint;
  /** What the store has changed since the image was built. */
  readonly changes: readonly Changes[];
  /** The image of the policies alone, without the store. */
  readonly policies?: Uint8Array;
  readonly loadedAtMs: number;
  /** Names of files, for `/v1/policy`. */
  readonly files: readonly string[];
  /** Modes that a request may ask for. */
  readonly modes: readonly string[];
  readonly counts: PolicyCounts;
  /** Known ids for searches, found when they are first asked for. */
  readonly known: () => Promise<KnownIdLists>;
  /** The engine in another mode, or undefined if the policy does not know the mode. */
  readonly authorizerIn: (mode: string) => Authorizer | undefined;
}

export interface PolicyCounts {
  readonly rules: number;
  readonly subjects: number;
  readonly groups: number;
  readonly actions: number;
  readonly routes: number;
}

/**
 * @param options  `files` where the image does not name them: an image file itself; `isVerified` for the bytes of an image
 *   that another thread has verified
 * @throws {ImageError} if the bytes are no sound image
 * @throws {ConfigurationError} if the policy does not know the mode
 */
export function createActivePolicy(
  image: Uint8Array,
  {
    mode,
    loadedAtMs,
    files,
    policies,
    isVerified,
  }: {
    readonly mode?: string | undefined;
    readonly loadedAtMs: number;
    readonly files?: readonly string[];
    readonly policies?: Uint8Array;
    readonly isVerified?: boolean;
  },
): ActivePolicy {
  const opened = isVerified ? openVerifiedImage(image) : readImage(image);
  const authorizer = Authorizer.fromImage(opened, { mode });
  const summary = inspectImage(opened);
  const { rules, subjects, groups, actions, routes } = summary.counts;
  const inMode = new Map<string, Authorizer>();
  let known: Promise<KnownIdLists> | undefined;
  return Object.freeze({
    authorizer,
    image,
    opened,
    revision: authorizer.revision,
    imageRevision: authorizer.revision,
    changes: [],
    ...(policies === undefined ? {} : { policies }),
    loadedAtMs,
    files: files ?? summary.files,
    modes: summary.modes,
    counts: { rules, subjects, groups, actions, routes },
    known() {
      if (known !== undefined) return known;
      const found = findKnownIds(image, opened);
      known = found;
      // A search that comes later tries again.
      found.catch(() => {
        known = undefined;
      });
      return found;
    },
    authorizerIn(name: string) {
      if (!summary.modes.includes(name)) return undefined;
      let found = inMode.get(name);
      if (found === undefined) {
        found = Authorizer.fromImage(opened, { mode: name });
        inMode.set(name, found);
      }
      return found;
    },
  });
}
