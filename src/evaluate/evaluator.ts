import type { Decision } from '../decision/decision.ts';
import type { Request } from '../decision/request.ts';
import { IdElements } from '../id/elements.ts';
import { describeFault } from '../id/faults.ts';
import { checkAction, scanId } from '../id/scan-id.ts';
import { type Image, textAt } from '../image/image.ts';
import {
  ENFORCED_IF_AUTHENTICATED,
  ENTRY_SIZE,
  ENTRY_TARGET,
  FIRST_NAMESPACE_NODE,
  NAME_LENGTH,
  NAME_SIZE,
  NAME_TEXT,
  NAMESPACE_HAS_ENFORCEMENT,
  NAMESPACE_KNOWN_ACTIONS,
  NAMESPACE_SIZE,
  NAMESPACE_SUPERUSER,
  NAMESPACE_SUPERUSER_ACTIONS,
  NAMESPACE_SUPERUSER_CLASSES,
  NAMESPACE_SUPERUSER_LENGTH,
  NONE,
  NOT_ENFORCED,
  RESOURCE_ROOT,
  RULESET_LENGTH,
  RULESET_SIZE,
  RULESET_TEXT,
  TEMPLATE_ROOT,
} from '../image/layout.ts';
import { entryCountOf, firstEntryOf } from '../image/lists.ts';
import { findName, TrieWalker } from '../image/walk.ts';
import { isObject } from './attributes.ts';
import { Combiner } from './combiner.ts';
import { DetailRunner, type Extras } from './detail-runner.ts';
import {
  ALLOW_NOT_ENFORCED,
  ALLOW_SUPERUSER,
  DENY_DEFAULT,
  DENY_MALFORMED,
  isAllow,
  isFinalDeny,
  type Outcome,
  REASONS,
} from './outcome.ts';
import { firstOfTwo, RuleFinder } from './rule-finder.ts';
import { referenceTo } from './rule-reference.ts';
import { SubjectClasses } from './subject-classes.ts';

const NO_EXTRAS: Extras = {};

/**
 * Decides requests on one image in one mode (S3 to S41). What it learns of the request in hand lies in arrays that serve the
 * next one too, so that `isAllowed` allocates nothing; a call that comes in while another runs, from a getter in its
 * context, gets an evaluator of its own.
 */
export class Evaluator {
  readonly image: Image;
  readonly #mode: number;
  readonly #walker: TrieWalker;
  readonly #classes: SubjectClasses;
  readonly #finder: RuleFinder;
  readonly #runner: DetailRunner;
  readonly #combiner: Combiner;
  readonly #elements = new IdElements();
  readonly #superuserElements = new IdElements();
  #inner: Evaluator | undefined;
  #isBusy = false;
  #action: number = NONE;
  #actionText = '';
  #fault = '';

  /** @param mode  index into the image's modes, or NONE to enforce everything */
  constructor(image: Image, mode: number) {
    this.image = image;
    this.#mode = mode;
    this.#walker = new TrieWalker(image);
    this.#classes = new SubjectClasses(image, this.#walker);
    this.#finder = new RuleFinder(image, this.#walker, this.#classes);
    this.#runner = new DetailRunner(image, this.#classes);
    this.#combiner = new Combiner(image, this.#finder, this.#runner);
  }

  /** The whole answer. Anything may stand in `request`: what is malformed is denied (S3). Allocates the answer alone. */
  decide(request: Request): Decision {
    if (this.#isBusy) return this.#another().decide(request);
    this.#isBusy = true;
    try {
      if (!isObject(request)) return this.#answer(this.#malformed('the request is no object'));
      return this.#answer(
        this.#bind(request.subject, request.action, request.groups)
          ? this.#evaluate(request.resource, request)
          : this.#malformed(this.#fault),
      );
    } finally {
      this.#isBusy = false;
    }
  }

  /** Whether a request without groups, attributes and context is allowed. Allocates nothing where no condition has to be run. */
  isAllowed(subject: string | undefined, action: string, resource: string | undefined): boolean {
    if (this.#isBusy) return this.#another().isAllowed(subject, action, resource);
    this.#isBusy = true;
    try {
      return this.bind(subject, action) && this.isBoundAllowed(resource);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Binds subject and action, so that `isBoundAllowed` has only the resource to look at; false if they are malformed. */
  bind(subject: string | undefined, action: string): boolean {
    return this.#bind(subject, action, undefined);
  }

  /** What `isAllowed` would say for the subject and action that are bound. */
  isBoundAllowed(resource: string | undefined): boolean {
    return isAllow(this.#evaluate(resource, NO_EXTRAS));
  }

  #another(): Evaluator {
    this.#inner ??= new Evaluator(this.image, this.#mode);
    return this.#inner;
  }

  #answer(outcome: Outcome): Decision {
    const decision: { -readonly [K in keyof Decision]: Decision[K] } = {
      decision: isAllow(outcome) ? 'allow' : 'deny',
      reason: REASONS[outcome]!,
    };
    const { rule, ruleset } = this.#combiner;
    if (outcome === DENY_MALFORMED) decision.detail = this.#fault;
    else if (outcome !== ALLOW_NOT_ENFORCED) {
      if (rule !== NONE) decision.rule = referenceTo(this.image, rule);
      if (ruleset !== NONE) {
        const base = ruleset * RULESET_SIZE;
        const { rulesets } = this.image;
        decision.ruleset = textAt(
          this.image,
          rulesets[base + RULESET_TEXT]!,
          rulesets[base + RULESET_LENGTH]!,
        );
      }
    }
    return Object.freeze(decision);
  }

  #malformed(fault: string): Outcome {
    this.#fault = fault;
    return DENY_MALFORMED;
  }

  #bind(subject: unknown, action: unknown, groups: unknown): boolean {
    this.#fault = this.#classes.bind(subject, groups);
    if (this.#fault === '' && typeof action !== 'string') this.#fault = 'the action is no string';
    if (this.#fault !== '') return false;
    const fault = checkAction(action as string);
    if (fault !== 'none') {
      this.#fault = `the action ${describeFault(fault)}`;
      return false;
    }
    this.#actionText = action as string;
    this.#action = findName(this.image.text, this.image.actions, this.image.actionSlots, this.#actionText);
    return true;
  }

  /** Validates the rest of the request, then decides (S3, S19). */
  #evaluate(resource: string | undefined, extras: Extras): Outcome {
    if (resource !== undefined) {
      if (typeof resource !== 'string') return this.#malformed('the resource is no string');
      const fault = scanId(resource, this.#elements);
      if (fault !== 'none') return this.#malformed(`the resource ${describeFault(fault)}`);
    }
    const { attributes, context } = extras;
    if (attributes !== undefined && !isAttributes(attributes))
      return this.#malformed('`attributes` is no object of objects');
    if (context !== undefined && !isObject(context)) return this.#malformed('`context` is no object');
    this.#runner.begin(this.#actionText, extras);
    return this.#decide(resource, extras);
  }

  /** S19: deny, not enforced, allow, superuser, default. */
  #decide(resource: string | undefined, extras: Extras): Outcome {
    const namespace = resource === undefined ? NONE : this.#namespaceOf(resource, this.#elements);
    this.#finder.find(this.#action, namespace, resource, this.#elements);
    const outcome = this.#combiner.combine(resource, this.#elements);
    if (namespace === NONE || resource === undefined || isFinalDeny(outcome)) return outcome;
    if (this.#mode !== NONE && this.#isNotEnforced(resource, namespace)) return ALLOW_NOT_ENFORCED;
    if (outcome !== DENY_DEFAULT) return outcome;
    return this.#isSuperuser(namespace, extras) ? ALLOW_SUPERUSER : DENY_DEFAULT;
  }

  /** Index of the namespace that the id belongs to (S31), or NONE. */
  #namespaceOf(resource: string, elements: IdElements): number {
    const { namespaceRoots } = this.image;
    if (namespaceRoots.length === 0) return NONE;
    const node = this.#walker.firstChild(RESOURCE_ROOT, resource, elements);
    return node === NONE ? NONE : (namespaceRoots[node - FIRST_NAMESPACE_NODE] ?? NONE);
  }

  /** S36, after the rules have not denied. */
  #isNotEnforced(resource: string, namespace: number): boolean {
    const { namespaces, templates, nodes, entries, modes } = this.image;
    if (
      namespaces[namespace * NAMESPACE_SIZE + NAMESPACE_HAS_ENFORCEMENT] === 0 ||
      !this.#isKnownAction(namespace)
    )
      return false;
    this.#walker.walk(TEMPLATE_ROOT, resource, this.#elements);
    let row: number = NONE;
    for (let i = 0; i < this.#walker.listCount; i++) {
      const list = this.#walker.lists[i]!;
      const first = firstEntryOf(nodes, list);
      const end = first + entryCountOf(nodes, list);
      for (let entry = first; entry < end; entry++)
        row = firstOfTwo(row, entries[entry * ENTRY_SIZE + ENTRY_TARGET]!);
    }
    if (row === NONE) return false;
    const enforcement = templates[row * (1 + modes.length / NAME_SIZE) + 1 + this.#mode];
    return (
      enforcement === NOT_ENFORCED ||
      (enforcement === ENFORCED_IF_AUTHENTICATED && this.#classes.subject === undefined)
    );
  }

  /** S34 */
  #isKnownAction(namespace: number): boolean {
    const list = this.image.namespaces[namespace * NAMESPACE_SIZE + NAMESPACE_KNOWN_ACTIONS]!;
    return list === NONE || this.#numbersAt(list).includes(this.#action);
  }

  /** S33. Leaves the rule that makes the subject a superuser as the deciding one. */
  #isSuperuser(namespace: number, extras: Extras): boolean {
    const { namespaces } = this.image;
    const base = namespace * NAMESPACE_SIZE;
    const length = namespaces[base + NAMESPACE_SUPERUSER_LENGTH]!;
    if (this.#classes.subject === undefined || length === 0) return false;
    // Most subjects end here: no rule allows any class of theirs anything on the superuser's id.
    const classes = this.#numbersAt(namespaces[base + NAMESPACE_SUPERUSER_CLASSES]!);
    if (!classes.some(this.#classes.has) || !this.#isKnownAction(namespace)) return false;
    const id = textAt(this.image, namespaces[base + NAMESPACE_SUPERUSER]!, length);
    const actions = this.#numbersAt(namespaces[base + NAMESPACE_SUPERUSER_ACTIONS]!);
    return (
      scanId(id, this.#superuserElements) === 'none' &&
      actions.some((action) => this.#isAllowedByRules(action, id, extras))
    );
  }

  #isAllowedByRules(action: number, id: string, { attributes, context }: Extras): boolean {
    const { actions } = this.image;
    const elements = this.#superuserElements;
    const base = action * NAME_SIZE;
    const name = textAt(this.image, actions[base + NAME_TEXT]!, actions[base + NAME_LENGTH]!);
    this.#runner.begin(name, { attributes: { subject: attributes?.subject }, context });
    this.#finder.find(action, this.#namespaceOf(id, elements), id, elements);
    const isAllowed = isAllow(this.#combiner.combine(id, elements));
    if (!isAllowed) this.#combiner.rule = this.#combiner.ruleset = NONE;
    return isAllowed;
  }

  /** A list of `classLists`: its numbers, as a view. */
  #numbersAt(list: number): Int32Array {
    const { classLists } = this.image;
    return classLists.subarray(list + 1, list + 1 + classLists[list]!);
  }
}

function isAttributes(attributes: unknown): boolean {
  if (!isObject(attributes)) return false;
  const { subject, action, resource } = attributes as Record<string, unknown>;
  return [subject, action, resource].every((part) => part === undefined || isObject(part));
}
