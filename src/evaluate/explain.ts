import type { Decision, Effect, RuleReference } from '../decision/decision.ts';
import type { Request } from '../decision/request.ts';
import { IdElements, scanned } from '../id/elements.ts';
import { scan, scanInto } from '../id/scan.ts';
import type { Image } from '../image/image.ts';
import {
  DETAIL_RULE,
  DETAIL_SIZE,
  ENTRY_CLASS,
  ENTRY_DENY,
  ENTRY_DETAIL,
  ENTRY_FLAGS,
  ENTRY_MASK,
  ENTRY_PAGE_SHIFT,
  ENTRY_SCOPE,
  ENTRY_SIZE,
  ENTRY_TARGET,
  NONE,
  RESOURCE_ROOT,
  SCALAR_CLASS_COUNT,
} from '../image/layout.ts';
import { findName, TrieWalker } from '../image/walk.ts';
import { IS_FALSE, IS_TRUE } from './condition.ts';
import { DetailRunner } from './detail-runner.ts';
import type { AddedRule, Overlay } from './overlay.ts';
import { RuleFinder } from './rule-finder.ts';
import { referenceTo } from './rule-reference.ts';
import { SubjectClasses } from './subject-classes.ts';

/** How a rule that covers the resource stands to the request; the nearest to applying first. */
const OUTCOMES = [
  'applies',
  'condition-error',
  'condition-false',
  'other-variables',
  'other-action',
  'other-subject',
] as const;
export type EntryOutcome = (typeof OUTCOMES)[number];

/** A decision with every rule that matched or nearly did: those that apply first, then the nearest, each in source order. */
export interface Explanation {
  readonly decision: Decision;
  readonly rules: readonly {
    readonly rule: RuleReference;
    readonly effect: Effect;
    readonly outcome: EntryOutcome;
  }[];
}

/**
 * Looks at every entry of the lists that cover the resource. Slow and made anew for each request: for people.
 *
 * @param decision  what was decided on the request, on the same image and overlay
 */
export function explain(image: Image, request: Request, decision: Decision, overlay?: Overlay): Explanation {
  if (decision.reason === 'malformed') return { decision, rules: [] };
  const rules = new Explainer(image, request, overlay)
    .find()
    .sort((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome) || a.rule - b.rule)
    .map(({ rule, effect, outcome }) => ({ rule: referenceTo(image, rule, overlay), effect, outcome }));
  return { decision, rules };
}

interface FoundRule {
  readonly rule: number;
  readonly effect: Effect;
  readonly outcome: EntryOutcome;
}

/** By rule. */
type Found = Map<number, FoundRule>;

class Explainer {
  readonly #image: Image;
  readonly #request: Request;
  readonly #walker: TrieWalker;
  readonly #classes: SubjectClasses;
  readonly #finder: RuleFinder;
  readonly #runner: DetailRunner;
  readonly #elements = new IdElements();
  readonly #action: number;

  constructor(image: Image, request: Request, overlay: Overlay | undefined) {
    this.#image = image;
    this.#request = request;
    this.#walker = new TrieWalker(image);
    this.#classes = new SubjectClasses(image, this.#walker);
    this.#finder = new RuleFinder(image, this.#walker, this.#classes);
    this.#runner = new DetailRunner(image, this.#classes);
    this.#classes.overlay = overlay;
    this.#classes.bind(request.subject, request.groups);
    this.#action = findName(image.text, image.actions, image.actionSlots, request.action);
    this.#runner.begin(request.action, request.resource, this.#elements, request);
  }

  find(): FoundRule[] {
    const { nodes } = this.#image;
    const { resource } = this.#request;
    const found: Found = new Map();
    if (resource === undefined) this.#walker.walkAll();
    else {
      scan(resource);
      this.#walker.walk(RESOURCE_ROOT, resource, scanned);
      scanInto(resource, this.#elements);
    }
    this.#finder.find(this.#action, this.#walker.namespace);
    const { lists, listsEnd } = this.#walker;
    for (let i = 0; i < listsEnd; i += 2) {
      const end = lists[i]! + lists[i + 1]! * ENTRY_SIZE;
      for (let base = lists[i]!; base < end; base += ENTRY_SIZE) {
        if ((nodes[base + ENTRY_FLAGS]! & ENTRY_SCOPE) === 0) this.#addEntry(base, found);
      }
    }
    return [...found.values(), ...this.#addedRules()];
  }

  #addedRules(): FoundRule[] {
    const { resource } = this.#request;
    const { overlay } = this.#classes;
    if (overlay === undefined || resource === undefined) return [];
    scan(resource);
    return Array.from(overlay.rulesOn(resource), (added) => ({
      rule: added.rule,
      effect: 'allow',
      outcome: this.#outcomeOfAdded(added),
    }));
  }

  #outcomeOfAdded({ principal, actions }: AddedRule): EntryOutcome {
    const isAsking =
      typeof principal === 'number' ? this.#classes.has(principal) : principal === this.#classes.subject;
    if (!isAsking) return 'other-subject';
    for (let i = 0; i < actions.length; i += 2) {
      const isRelated = this.#finder.isRelated(actions[i]! << ENTRY_PAGE_SHIFT, actions[i + 1]!);
      if (this.#action !== NONE && isRelated) return 'applies';
    }
    return 'other-action';
  }

  /** Of several entries of one rule the nearest counts. */
  #addEntry(base: number, found: Found): void {
    const { nodes, details } = this.#image;
    const flags = nodes[base + ENTRY_FLAGS]!;
    const target = nodes[base + ENTRY_TARGET]!;
    const rule = (flags & ENTRY_DETAIL) === 0 ? target : details[target * DETAIL_SIZE + DETAIL_RULE]!;
    if (this.#classes.overlay?.hides(rule)) return;
    const outcome = this.#outcomeOf(base, flags, target);
    const known = found.get(rule);
    if (known !== undefined && OUTCOMES.indexOf(known.outcome) <= OUTCOMES.indexOf(outcome)) return;
    found.set(rule, { rule, effect: (flags & ENTRY_DENY) === 0 ? 'allow' : 'deny', outcome });
  }

  #outcomeOf(base: number, flags: number, target: number): EntryOutcome {
    const { nodes, scalars } = this.#image;
    // An entry that never decides applies all the same.
    if (!this.#classes.has(nodes[base + ENTRY_CLASS]! % scalars[SCALAR_CLASS_COUNT]!)) return 'other-subject';
    if (this.#action === NONE || !this.#finder.isRelated(flags, nodes[base + ENTRY_MASK]!))
      return 'other-action';
    if ((flags & ENTRY_DETAIL) === 0) return 'applies';
    if (this.#runner.matches(target) === false) return 'other-variables';
    const answer = this.#runner.run(target);
    return answer === IS_TRUE ? 'applies' : answer === IS_FALSE ? 'condition-false' : 'condition-error';
  }
}
