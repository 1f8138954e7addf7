import type { Decision } from '../decision/decision.ts';
import type { Request } from '../decision/request.ts';
import { IdElements, scanned } from '../id/elements.ts';
import { isAction, scan, scanInto } from '../id/scan.ts';
import { type Image, namedText } from '../image/image.ts';
import * as layout from '../image/layout.ts';
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
  type Outcome,
  REASONS,
} from './outcome.ts';
import { firstOfTwo, RuleFinder } from './rule-finder.ts';
import { referenceTo } from './rule-reference.ts';
import { SubjectClasses } from './subject-classes.ts';

// The platform folds constants of a module's own into the code, imported ones it does not (bench/constants.ts).
const ENFORCED_IF_AUTHENTICATED = layout.ENFORCED_IF_AUTHENTICATED;
const ENTRY_TARGET = layout.ENTRY_TARGET;
const NAME_SIZE = layout.NAME_SIZE;
const NAME_TEXT = layout.NAME_TEXT;
const NAMESPACE_HAS_ENFORCEMENT = layout.NAMESPACE_HAS_ENFORCEMENT;
const NAMESPACE_KNOWN_ACTIONS = layout.NAMESPACE_KNOWN_ACTIONS;
const NAMESPACE_SIZE = layout.NAMESPACE_SIZE;
const NAMESPACE_SUPERUSER = layout.NAMESPACE_SUPERUSER;
const NAMESPACE_SUPERUSER_ACTIONS = layout.NAMESPACE_SUPERUSER_ACTIONS;
const NAMESPACE_SUPERUSER_CLASSES = layout.NAMESPACE_SUPERUSER_CLASSES;
const NAMESPACE_SUPERUSER_LENGTH = layout.NAMESPACE_SUPERUSER_LENGTH;
const NONE = layout.NONE;
const NOT_ENFORCED = layout.NOT_ENFORCED;
const RESOURCE_ROOT = layout.RESOURCE_ROOT;
const RULESET_SIZE = layout.RULESET_SIZE;
const RULESET_TEXT = layout.RULESET_TEXT;
const TEMPLATE_ROOT = layout.TEMPLATE_ROOT;

const NO_EXTRAS: Extras = {};

/** Said of a resource: what covers it is what the walker has found last. */
export const WALKED = 2;

/**
 * Decides requests on one image in one mode (S3 to S41). What it learns of the request in hand lies in arrays that serve the
 * next one too, so that `isAllowed` allocates nothing; a call that comes in while another runs, from a getter in its
 * context, gets an evaluator of its own.
 */
export class Evaluator {
  readonly image: Image;
  readonly #mode: number;
  /** What was found of the resource, and of the subject, in hand. */
  readonly walker: TrieWalker;
  readonly classes: SubjectClasses;
  readonly #finder: RuleFinder;
  readonly #runner: DetailRunner;
  readonly #combiner: Combiner;
  readonly #elements = new IdElements();
  /** The actions that were asked for, by name: a request's action is one of few, and hashed by the platform. */
  readonly #actionRows = new Map<string, number>();
  #inner: Evaluator | undefined;
  #isBusy = false;
  #action: number = NONE;
  #actionText = '';

  /** @param mode  index into the image's modes, or NONE to enforce everything */
  constructor(image: Image, mode: number) {
    this.image = image;
    this.#mode = mode;
    this.walker = new TrieWalker(image);
    this.classes = new SubjectClasses(image, this.walker);
    this.#finder = new RuleFinder(image, this.walker, this.classes);
    this.#runner = new DetailRunner(image, this.classes);
    this.#combiner = new Combiner(image, this.#finder, this.#runner);
  }

  /** The whole answer. Anything may stand in `request`: what is malformed is denied (S3). Allocates the answer alone. */
  decide(request: Request): Decision {
    if (this.#isBusy) return this.idle.decide(request);
    this.#isBusy = true;
    try {
      const isBound = isObject(request) && this.bind(request.subject, request.action, request.groups);
      return this.#answer(isBound ? this.#evaluate(request.resource, request) : DENY_MALFORMED);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Whether a request without groups, attributes and context is allowed. Allocates nothing where no condition has to be run. */
  isAllowed(subject: string | undefined, action: string, resource: string | undefined): boolean {
    // No need to become busy: with three strings nothing is called that could come back.
    const { idle } = this;
    const isSound = typeof resource === 'string' && scan(resource);
    // While memory looks for the resource's slot the subject can be looked up, and wait for its own.
    if (isSound) idle.walker.readAhead();
    return idle.bind(subject, action) && idle.allows(resource, isSound && !idle.classes.hasScanned);
  }

  /** Binds subject and action, so that `allows` has only the resource to look at; false if they are malformed. */
  bind(subject: unknown, action: unknown, groups?: unknown): boolean {
    return this.classes.bind(subject, groups) && this.bindAction(action);
  }

  /**
   * What `isAllowed` would say for the subject and action that are bound.
   *
   * @param known  whether the resource is what was scanned last, or even what the walker has walked along
   */
  allows(resource: string | undefined, known: boolean | typeof WALKED = false): boolean {
    return isAllow(this.#evaluate(resource, NO_EXTRAS, known));
  }

  /** This evaluator, or one like it if this one is at work: a call that comes from a getter must not disturb it. */
  get idle(): Evaluator {
    if (!this.#isBusy) return this;
    this.#inner ??= new Evaluator(this.image, this.#mode);
    return this.#inner.idle;
  }

  #answer(outcome: Outcome): Decision {
    const decision: { -readonly [K in keyof Decision]: Decision[K] } = {
      decision: isAllow(outcome) ? 'allow' : 'deny',
      reason: REASONS[outcome]!,
    };
    const { rule, ruleset } = this.#combiner;
    if (outcome !== DENY_MALFORMED && outcome !== ALLOW_NOT_ENFORCED) {
      if (rule !== NONE) decision.rule = referenceTo(this.image, rule, this.classes.overlay);
      if (ruleset !== NONE)
        decision.ruleset = namedText(this.image, this.image.rulesets, ruleset * RULESET_SIZE + RULESET_TEXT);
    }
    return Object.freeze(decision);
  }

  /** False if the action is malformed. */
  bindAction(action: unknown): boolean {
    if (typeof action !== 'string') return false;
    this.#actionText = action;
    const known = this.#actionRows.get(action);
    if (known !== undefined) {
      this.#action = known;
      return true;
    }
    if (!isAction(action)) return false;
    const { text, actions, actionSlots } = this.image;
    this.#action = findName(text, actions, actionSlots, action);
    if (this.#action !== NONE) this.#actionRows.set(this.#nameOf(this.#action), this.#action);
    return true;
  }

  #nameOf(action: number): string {
    return namedText(this.image, this.image.actions, action * NAME_SIZE + NAME_TEXT);
  }

  /** Validates the rest of the request, then decides (S3, S19). */
  #evaluate(resource: unknown, extras: Extras, known: boolean | typeof WALKED = false): Outcome {
    const { attributes, context } = extras;
    // First of all what may call back to the caller's code: what is scanned has to be used before anything else is.
    if (!isAttributes(attributes) || !isObjectOrMissing(context)) return DENY_MALFORMED;
    if (resource === undefined) this.walker.walkAll();
    else if (typeof resource !== 'string' || !(known || scan(resource))) return DENY_MALFORMED;
    else if (known !== WALKED) this.walker.walk(RESOURCE_ROOT, resource, scanned);
    return this.#decide(resource, extras);
  }

  /** S19: deny, not enforced, allow, superuser, default. */
  #decide(resource: string | undefined, extras: Extras): Outcome {
    const { namespace } = this.walker;
    const outcome = this.#combine(this.#action, this.#actionText, resource, extras);
    if (namespace === NONE || resource === undefined) return outcome;
    // A deny of the rules is final, whatever else would allow (S11).
    if (outcome !== DENY_DEFAULT && !isAllow(outcome)) return outcome;
    if (this.#mode !== NONE && this.#isNotEnforced(resource, namespace)) return ALLOW_NOT_ENFORCED;
    return outcome === DENY_DEFAULT && this.#isSuperuser(namespace, extras) ? ALLOW_SUPERUSER : outcome;
  }

  /** What the rules alone say, of what the walker has found for the resource. */
  #combine(action: number, name: string, resource: string | undefined, extras: Extras): Outcome {
    this.#finder.find(action, this.walker.namespace);
    this.classes.overlay?.find(this.#finder, this.classes, action, resource);
    if (this.#finder.detailCount > 0) {
      if (resource !== undefined) scanInto(resource, this.#elements);
      this.#runner.begin(name, resource, this.#elements, extras);
    }
    return this.#combiner.combine();
  }

  /** S36, after the rules have not denied. */
  #isNotEnforced(resource: string, namespace: number): boolean {
    const { namespaces, templates, nodes, modes } = this.image;
    if (
      namespaces[namespace * NAMESPACE_SIZE + NAMESPACE_HAS_ENFORCEMENT] === 0 ||
      !this.#isKnownAction(namespace)
    )
      return false;
    let row: number = NONE;
    scan(resource);
    this.walker.forEachEntry(TEMPLATE_ROOT, resource, scanned, (base) => {
      row = firstOfTwo(row, nodes[base + ENTRY_TARGET]!);
    });
    if (row === NONE) return false;
    const enforcement = templates[row * (1 + modes.length / NAME_SIZE) + 1 + this.#mode];
    return (
      enforcement === NOT_ENFORCED ||
      (enforcement === ENFORCED_IF_AUTHENTICATED && this.classes.subject === undefined)
    );
  }

  /** S34 */
  #isKnownAction(namespace: number): boolean {
    const list = this.image.namespaces[namespace * NAMESPACE_SIZE + NAMESPACE_KNOWN_ACTIONS]!;
    return list === NONE || this.#numbersAt(list).includes(this.#action);
  }

  /** S33. Leaves the rule that makes the subject a superuser as the deciding one. */
  #isSuperuser(namespace: number, { attributes, context }: Extras): boolean {
    const { namespaces } = this.image;
    const base = namespace * NAMESPACE_SIZE;
    const length = namespaces[base + NAMESPACE_SUPERUSER_LENGTH]!;
    if (this.classes.subject === undefined || length === 0) return false;
    // Most subjects end here: no rule allows any class of theirs anything on the superuser's id.
    const classes = this.#numbersAt(namespaces[base + NAMESPACE_SUPERUSER_CLASSES]!);
    const isCandidate =
      classes.some(this.classes.has) || this.classes.overlay?.matches(namespace, this.classes);
    if (!isCandidate || !this.#isKnownAction(namespace)) return false;
    const id = namedText(this.image, namespaces, base + NAMESPACE_SUPERUSER);
    // First, for it may call back to the caller's code, and what is scanned has to be used before that scans anything.
    const asked = { attributes: { subject: attributes?.subject }, context };
    const combiner = this.#combiner;
    let isFound = false;
    let rule: number = NONE;
    let ruleset: number = NONE;
    for (const action of this.#numbersAt(namespaces[base + NAMESPACE_SUPERUSER_ACTIONS]!)) {
      /* v8 ignore next -- only a forged image has a superuser that is malformed */
      if (!scan(id)) continue;
      this.walker.walk(RESOURCE_ROOT, id, scanned);
      if (!isAllow(this.#combine(action, this.#nameOf(action), id, asked))) continue;
      // The one to name (S70): rules outside rulesets first, then rulesets in source order, a default after the rules: NONE,
      // unsigned, is greater than every rule.
      const lead = ruleset - combiner.ruleset || (rule >>> 0) - (combiner.rule >>> 0);
      if (!isFound || lead > 0) ({ rule, ruleset } = combiner);
      isFound = true;
    }
    combiner.rule = rule;
    combiner.ruleset = ruleset;
    return isFound;
  }

  /** A list of `classLists`: its numbers, as a view. */
  #numbersAt(list: number): Int32Array {
    const { classLists } = this.image;
    return classLists.subarray(list + 1, list + 1 + classLists[list]!);
  }
}

/** Whether it is missing, or an object with the attributes of each part. */
function isAttributes(attributes: unknown): boolean {
  if (attributes === undefined) return true;
  if (!isObject(attributes)) return false;
  const { subject, action, resource } = attributes as Record<string, unknown>;
  return [subject, action, resource].every(isObjectOrMissing);
}

function isObjectOrMissing(value: unknown): boolean {
  return value === undefined || isObject(value);
}
