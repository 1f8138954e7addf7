import type { FoundPackage, PackageNames } from './find-package.ts';
import type { Losses } from './losses.ts';
import type { Translation } from './translate.ts';

/** Another engine with a policy in it. */
export interface Peer {
  /** What it was given: policies, lines or rules, as it calls them. */
  readonly size: string;
  readonly isAllowed: (subject: string | undefined, action: string, resource: string) => boolean;
}

export interface PeerInput {
  readonly translation: Translation;
  /** Everybody who is going to ask, each once; undefined is nobody. */
  readonly subjects: readonly (string | undefined)[];
  /** What this engine in particular cannot say. */
  readonly losses: Losses;
}

/** How to make another engine decide. An adapter gives it the form in which it is fastest. */
export interface PeerAdapter extends PackageNames {
  readonly create: (exports: FoundPackage['exports'], input: PeerInput) => Promise<Peer>;
}
