import { isDeepStrictEqual } from 'node:util';
import { compile } from '../../src/compile/compile.ts';
import type { Decision } from '../../src/decision/decision.ts';
import type { Request } from '../../src/decision/request.ts';
import { IamState } from '../../src/iam/iam-state.ts';
import type { Action, Entry, Operation } from '../../src/iam/operation.ts';
import { makeRecord } from '../../src/iam/record-hash.ts';
import { type Image, readImage } from '../../src/image/image.ts';
import { Authorizer, build } from '../../src/index.ts';
import { compileLive } from '../../src/live/compile-live.ts';
import { modelWithStore } from '../../src/live/model-with-store.ts';
import { Overlay } from '../../src/live/overlay.ts';
import type { Model } from '../../src/model/model.ts';
import { contractOf, reference } from './generators-evaluators.ts';

/** A policy and a store, decided by image and overlay; every answer is held against what is built from nothing. */
export class LiveStore {
  readonly files: Model;
  readonly state = IamState.empty();
  readonly #mode: string | undefined;
  image: Image;
  overlay: Overlay;
  #base: Authorizer;

  constructor(text: string, mode?: string) {
    const built = build([{ file: 'a.acl', text }]);
    if (!built.ok) throw new Error(`no policy: ${built.diagnostics[0]?.message}`);
    this.files = built.model;
    this.#mode = mode;
    this.image = readImage(compileLive(this.files, this.state));
    this.#base = Authorizer.fromImage(this.image, { mode });
    this.overlay = Overlay.on(this.image);
  }

  get authorizer(): Authorizer {
    return this.#base.withOverlay(this.overlay);
  }

  /** Writes one record. */
  do(...operations: readonly Operation[]): this {
    const draft = { timeMs: 0, author: 'test', reason: '', operations };
    const changes = this.state.apply(makeRecord(this.state, draft));
    this.overlay = this.overlay.with(changes);
    return this;
  }

  /** A new image of all that has been written, with nothing beside it. */
  fold(): this {
    this.image = readImage(compileLive(this.files, this.state));
    this.#base = Authorizer.fromImage(this.image, { mode: this.#mode });
    this.overlay = Overlay.on(this.image);
    return this;
  }

  /** @throws {Error} if the rebuilt policy or the reference says something else */
  decide(request: Request): Decision {
    const actual = this.authorizer.decide(request);
    const model = modelWithStore(this.files, this.state);
    const rebuilt = Authorizer.fromImage(compile(model), { mode: this.#mode }).decide(request);
    if (!isDeepStrictEqual(rebuilt, actual))
      throw new Error(`overlay ${JSON.stringify(actual)}, rebuilt ${JSON.stringify(rebuilt)}`);
    const judged = reference.load(model, this.#mode).decide(request);
    if (!isDeepStrictEqual(contractOf(judged), contractOf(actual)))
      throw new Error(`overlay ${JSON.stringify(actual)}, reference ${JSON.stringify(judged)}`);
    return actual;
  }

  /** `allow store:3`: the decision and the rule that is named, or the reason. */
  ask(subject: string, action: string, resource: string, groups?: readonly string[]): string {
    const { decision, reason, rule } = this.decide({
      subject,
      action,
      resource,
      ...(groups === undefined ? {} : { groups }),
    });
    const { authorizer } = this;
    if (groups === undefined && authorizer.isAllowed(subject, action, resource) !== (decision === 'allow'))
      throw new Error('isAllowed says otherwise');
    return `${decision} ${reason === 'superuser' ? 'superuser ' : ''}${rule?.id ?? reason}`;
  }
}

export function user(uid: string): Operation {
  return { kind: 'create-user', user: { uid, description: '', providerType: 'internal', providerId: '' } };
}

export function group(gid: string): Operation {
  return { kind: 'create-group', group: { gid, description: '', providerType: 'internal' } };
}

export function acl(rid: string): Operation {
  return { kind: 'create-acl', rid, description: '' };
}

export function member(kind: 'add-member' | 'remove-member', gid: string, uid: string): Operation {
  return { kind, gid, uid };
}

/** `users/alice` or `groups/ops`. */
export function grant(kind: 'grant' | 'revoke', who: string, action: Action, rid: string): Operation {
  return { kind, entry: entryOf(who, rid), action };
}

export function entryOf(who: string, rid: string): Entry {
  const [subjects, id] = who.split('/') as ['users' | 'groups', string];
  return { rid, subjects, id };
}
