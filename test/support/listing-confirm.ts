import { isDeepStrictEqual } from 'node:util';
import { forResource } from '../../src/analysis/for-resource.ts';
import { forSubject } from '../../src/analysis/for-subject.ts';
import type { Request } from '../../src/decision/request.ts';
import { build } from '../../src/index.ts';
import { type WhatCan, type WhoCan, whatCan, whoCan } from '../../src/listing.ts';
import type { Model } from '../../src/model/model.ts';
import { createReference } from '../../src/reference/reference.ts';
import type { Random } from './generators-random.ts';
import { ListingJudge } from './listing-judge.ts';
import { writeListedPolicy } from './listing-policies.ts';
import { everyRequest, smallContexts } from './small-world.ts';

/** What has been held against the oracle. */
export interface ListingConfirmation {
  policies: number;
  requests: number;
  allowed: number;
  /** Requests of which a listing says that it cannot tell. */
  undecided: number;
  readonly failures: string[];
}

export function emptyConfirmation(): ListingConfirmation {
  return { policies: 0, requests: 0, allowed: 0, undecided: 0, failures: [] };
}

const unconditional = [...everyRequest()];
const conditional = [...everyRequest({ conditions: 1 })];

/**
 * Puts requests to the oracle, to what `forSubject` and `forResource` make of the policy, and to the listings of the one who
 * asks and of what is asked for.
 */
export function confirmListings(
  random: Random,
  { requests, known }: { readonly requests: number; readonly known: ListingConfirmation },
): void {
  const text = writeListedPolicy(random);
  const built = build([{ file: 'a.acl', text }]);
  if (!built.ok) return;
  known.policies++;
  const policy = new Confirmed(text, built.model, known);
  const all = / (when|unless) /.test(text) ? conditional : unconditional;
  // Listings take longer than requests: many requests of one asker, and of one action and resource.
  for (let i = 0; i < requests; i += 100) {
    const { subject, groups, action, resource } = random.pick(all);
    const mode = random.chance(0.3) ? random.pick([...built.model.modes, undefined]) : undefined;
    for (let n = 0; n < 50; n++) {
      const { action: other, resource: on, context } = random.pick(all);
      policy.confirm({ subject, groups, action: other, resource: on, context }, mode, 'what-can');
    }
    for (let n = 0; n < 50; n++) {
      const asker = random.pick(all);
      const context = random.pick(smallContexts);
      policy.confirm(
        { subject: asker.subject, groups: asker.groups, action, resource, context },
        mode,
        'who-can',
      );
    }
  }
}

class Confirmed {
  readonly #text: string;
  readonly #model: Model;
  readonly #known: ListingConfirmation;
  readonly #judge: ListingJudge;
  readonly #cache = new Map<string, unknown>();

  constructor(text: string, model: Model, known: ListingConfirmation) {
    this.#text = text;
    this.#model = model;
    this.#known = known;
    this.#judge = new ListingJudge(model);
  }

  confirm(request: Request, mode: string | undefined, listing: 'what-can' | 'who-can'): void {
    const { subject, groups = [], action, resource } = request;
    const whole = this.#once('whole', mode, () => createReference(this.#model, { mode })).decide(request);
    const isAllowed = whole.decision === 'allow';
    this.#known.requests++;
    if (isAllowed) this.#known.allowed++;
    const isWhat = listing === 'what-can';
    const part = this.#once(JSON.stringify(isWhat ? [subject, groups] : ['on', resource]), mode, () => {
      const asker = { ...(subject === undefined ? {} : { subject }), groups };
      const model = isWhat ? forSubject(this.#model, asker) : forResource(this.#model, resource);
      return createReference(model, { mode });
    });
    const inPart = part.decide(request);
    if (!isDeepStrictEqual(inPart, whole)) this.#fail(request, mode, { whole, inPart });
    const said = isWhat
      ? this.#judge.says(this.#whatCan(subject, groups, mode), request)
      : this.#saidOf(this.#whoCan(action, resource, mode), request, isAllowed, mode);
    if (said === undefined) this.#known.undecided++;
    else if (said !== isAllowed) this.#fail(request, mode, { listing, said, isAllowed });
  }

  #whatCan(subject: string | undefined, groups: readonly string[], mode: string | undefined): WhatCan {
    return this.#once(JSON.stringify(['what', subject, groups]), mode, () =>
      whatCan(this.#model, { subject, groups, mode }),
    );
  }

  #whoCan(action: string, resource: string | undefined, mode: string | undefined): WhoCan {
    return this.#once(JSON.stringify(['who', action, resource]), mode, () =>
      whoCan(this.#model, { action, resource, mode }),
    );
  }

  #saidOf(
    { access, undecided, items }: WhoCan,
    request: Request,
    isAllowed: boolean,
    mode: string | undefined,
  ): boolean | undefined {
    if (undecided.some(({ subjects }) => this.#judge.isSubjectIn(subjects, request))) return undefined;
    const { subject, groups = [] } = request;
    const item = items.find((each) => each.subject === subject);
    if (groups.length === 0 && subject !== undefined && item?.undecided === undefined) {
      const said = item !== undefined && this.#judge.holds(item.ways, request);
      // Who is not named in the policy is in no list, whatever anyone may do.
      if (said !== isAllowed && (said || this.#isNamed(subject)))
        this.#fail(request, mode, { item, isAllowed });
    }
    return access.some(
      ({ subjects, ways }) => this.#judge.isSubjectIn(subjects, request) && this.#judge.holds(ways, request),
    );
  }

  #isNamed(id: string): boolean {
    const { rules, groups } = this.#model;
    const named = [...rules.flatMap(({ subjects }) => subjects), ...groups.flatMap(({ members }) => members)];
    return named.some((each) => each.kind === 'subject' && each.id === id);
  }

  #once<Value>(key: string, mode: string | undefined, make: () => Value): Value {
    const whole = `${key} ${mode}`;
    if (!this.#cache.has(whole)) this.#cache.set(whole, make());
    return this.#cache.get(whole) as Value;
  }

  #fail(request: Request, mode: string | undefined, what: unknown): void {
    this.#known.failures.push(`${this.#text}\n${JSON.stringify({ request, mode, what }, null, 1)}`);
  }
}
