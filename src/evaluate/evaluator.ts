import type { Decision, Reason, RuleReference } from '../decision/decision.ts';
import type { Request } from '../decision/request.ts';
import { IdElements } from '../id/elements.ts';
import { describeFault, type IdFault } from '../id/faults.ts';
import { checkAction, checkGroupName, checkSubject, isGroupSubject, scanId } from '../id/scan-id.ts';
import { type Image, textAt } from '../image/image.ts';
import {
  CLASS_ANYONE,
  CLASS_AUTHENTICATED,
  DEFAULT_ALLOW,
  DEFAULT_DENY,
  DETAIL,
  ENFORCED_IF_AUTHENTICATED,
  ENTRY,
  ENTRY_DENY,
  ENTRY_DETAIL,
  ENTRY_PAGE_SHIFT,
  ENTRY_SCOPE,
  FIRST_APPLICABLE,
  FIRST_NAMESPACE_NODE,
  INDEX_THRESHOLD,
  NAME,
  NAMESPACE,
  NODE,
  NONE,
  NOT_ENFORCED,
  RELATION_SIZE,
  RESOURCE_ROOT,
  ROLE,
  RULE,
  RULESET,
  SCALAR,
  SUBJECT_ROOT,
  slotHash,
  TEMPLATE_ROOT,
} from '../image/layout.ts';
import { findName, type ListReference, TrieWalker } from '../image/walk.ts';
import { type AttributeSource, EntityAttributes, isObject } from './attributes.ts';
import { ERRED, IS_FALSE, IS_TRUE, runCondition } from './condition.ts';
import { matchVariables } from './variables.ts';

/** The outcome of an evaluation: allow if the last bit is 1. */
const DENY_DEFAULT = 0;
const ALLOW_RULE = 1;
const DENY_RULE = 2;
const ALLOW_SUPERUSER = 3;
const DENY_MALFORMED = 4;
const ALLOW_NOT_ENFORCED = 5;
const DENY_RULESET = 6;
const ALLOW_RULESET = 7;
type Outcome = number;

const REASONS: readonly Reason[] = [
  'default',
  'rule',
  'rule',
  'superuser',
  'malformed',
  'not-enforced',
  'ruleset-default',
  'ruleset-default',
];

const NO_EXTRAS: Pick<Request, 'groups' | 'attributes' | 'context'> = {};
/** With so few classes a loop over them is quicker than a look into a table as large as all classes. */
const FEW_CLASSES = 8;

/** How an entry of a covering list stands to the request, for explanations. */
export type EntryOutcome =
  | 'applies'
  | 'condition-false'
  | 'condition-error'
  | 'other-subject'
  | 'other-action'
  | 'other-variables';

/**
 * Decides requests on one image in one mode (S3 to S41). The arrays of the request in hand are its own and are used again
 * for the next one, so that `isAllowed` allocates nothing; a call that comes in while another runs, from a getter in
 * its context, gets an evaluator of its own.
 */
export class Evaluator {
  readonly image: Image;
  readonly #mode: number;
  readonly #entities: EntityAttributes;
  readonly #hasRulesets: boolean;
  readonly #walker: TrieWalker;
  readonly #resource = new IdElements();
  readonly #subject = new IdElements();
  readonly #other = new IdElements();
  #inner: Evaluator | undefined;
  #isBusy = false;

  // The subject's classes, ascending in no order, without repetition.
  #classes = new Int32Array(16);
  #classCount = 0;
  readonly #classStamps: Uint32Array;
  #stamp = 0;
  #subjectText: string | undefined;

  // The relation of the request's action to the actions of rules.
  #relation: number = NONE;
  #action: number = NONE;

  // What the covering lists hold for the request.
  #firstAllow = NONE;
  #firstDeny = NONE;
  #details = new Int32Array(32);
  #detailCount = 0;
  #scopes = new Int32Array(8);
  #scopeCount = 0;

  // What decided: a rule, and the ruleset it belongs to; and the fault of a malformed request.
  #rule: number = NONE;
  #ruleset: number = NONE;
  #fault = '';
  // The request as conditions see it, put together when the first of them asks.
  #source: AttributeSource | undefined;
  #actionText = '';
  #extras: Pick<Request, 'attributes' | 'context'> = NO_EXTRAS;

  /** @param mode  index into the image's modes, or NONE to enforce everything */
  constructor(image: Image, mode: number) {
    this.image = image;
    this.#mode = mode;
    this.#entities = new EntityAttributes(image);
    this.#hasRulesets = image.rulesets.length > 0;
    this.#walker = new TrieWalker(image);
    this.#classStamps = new Uint32Array(image.scalars[SCALAR.classCount]!);
  }

  /** The whole answer. Anything may stand in `request`: what is malformed is denied (S3). Allocates the answer alone. */
  decide(request: Request): Decision {
    if (this.#isBusy) return this.#another().decide(request);
    this.#isBusy = true;
    try {
      return this.#answer(
        isObject(request)
          ? this.#evaluate(request.subject, request.action, request.resource, request)
          : this.#malformed('the request is not an object'),
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
      return (this.#evaluate(subject, action, resource, NO_EXTRAS) & 1) === 1;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Binds subject and action, so that `isBoundAllowed` has only the resource to look at. */
  bind(subject: string | undefined, action: string): boolean {
    return this.#bindSubject(subject, undefined) && this.#bindAction(action);
  }

  /** What `isAllowed` would say for the subject and action given to `bind`, on an evaluator used for nothing else since. */
  isBoundAllowed(subject: string | undefined, resource: string | undefined): boolean {
    return (this.#evaluateBound(subject, resource, NO_EXTRAS) & 1) === 1;
  }

  /**
   * The decision, and every entry of the lists that cover the resource with how it stands to the request: what applies,
   * and what nearly did. Slow; for explanations.
   */
  trace(request: Request, visit: (rule: number, isDeny: boolean, outcome: EntryOutcome) => void): Decision {
    const decision = this.decide(request);
    if (decision.reason === 'malformed') return decision;
    const { subject, action, resource, groups } = request;
    // Bound anew: what `decide` leaves behind may be that of a superuser's question.
    this.#bindSubject(subject, groups);
    this.#bindAction(action);
    this.#source = undefined;
    this.#extras = request;
    for (const list of this.#coveringLists(resource)) this.#traceList(list, resource, visit);
    return decision;
  }

  #coveringLists(resource: string | undefined): Int32Array {
    if (resource === undefined) {
      const universal = this.image.scalars[SCALAR.universalNode]!;
      this.#relate(this.#noResource());
      return universal === NONE ? new Int32Array() : Int32Array.of(universal * 2);
    }
    scanId(resource, this.#resource);
    this.#relate(this.#namespaceOf(resource, this.#resource));
    this.#walker.walk(RESOURCE_ROOT, resource, this.#resource);
    return this.#walker.lists.slice(0, this.#walker.listCount);
  }

  /** A rule as answers name it (S61). */
  ruleReference(rule: number): RuleReference {
    const { rules } = this.image;
    const base = rule * RULE.size;
    const file = this.#fileName(rules[base + RULE.file]!);
    const line = rules[base + RULE.line]!;
    const length = rules[base + RULE.length]!;
    const id = length === 0 ? `${file}:${line}` : textAt(this.image, rules[base + RULE.text]!, length);
    const role = rules[base + RULE.role]!;
    return role === NONE ? { id, file, line } : { id, file, line, role: this.#roleReference(role) };
  }

  #roleReference(role: number): NonNullable<RuleReference['role']> {
    const { roles } = this.image;
    const base = role * ROLE.size;
    return {
      name: textAt(this.image, roles[base + ROLE.text]!, roles[base + ROLE.length]!),
      file: this.#fileName(roles[base + ROLE.file]!),
      line: roles[base + ROLE.line]!,
    };
  }

  #fileName(file: number): string {
    const { files } = this.image;
    return textAt(this.image, files[file * NAME.size + NAME.text]!, files[file * NAME.size + NAME.length]!);
  }

  #another(): Evaluator {
    this.#inner ??= new Evaluator(this.image, this.#mode);
    return this.#inner;
  }

  #answer(outcome: Outcome): Decision {
    const decision: { -readonly [K in keyof Decision]: Decision[K] } = {
      decision: (outcome & 1) === 1 ? 'allow' : 'deny',
      reason: REASONS[outcome]!,
    };
    if (outcome === DENY_MALFORMED) decision.detail = this.#fault;
    if (this.#rule !== NONE) decision.rule = Object.freeze(this.ruleReference(this.#rule));
    if (this.#ruleset !== NONE) {
      const base = this.#ruleset * RULESET.size;
      decision.ruleset = textAt(
        this.image,
        this.image.rulesets[base + RULESET.text]!,
        this.image.rulesets[base + RULESET.length]!,
      );
    }
    return Object.freeze(decision);
  }

  // ------------------------------------------------------------------ validation and binding

  #evaluate(
    subject: string | undefined,
    action: string,
    resource: string | undefined,
    extras: Pick<Request, 'groups' | 'attributes' | 'context'>,
  ): Outcome {
    this.#rule = this.#ruleset = NONE;
    if (!this.#bindSubject(subject, extras.groups) || !this.#bindAction(action)) return DENY_MALFORMED;
    return this.#evaluateBound(subject, resource, extras);
  }

  #evaluateBound(
    subject: string | undefined,
    resource: string | undefined,
    extras: Pick<Request, 'attributes' | 'context'>,
  ): Outcome {
    this.#rule = this.#ruleset = NONE;
    if (resource !== undefined) {
      if (typeof resource !== 'string') return this.#malformedOutcome('the resource is no string');
      const fault = scanId(resource, this.#resource);
      if (fault !== 'none') return this.#faultOutcome('resource', fault);
    }
    const { attributes, context } = extras;
    if (attributes !== undefined && !isWellFormedAttributes(attributes))
      return this.#malformedOutcome('`attributes` is no object of objects');
    if (context !== undefined && !isObject(context)) return this.#malformedOutcome('`context` is no object');
    this.#source = undefined;
    this.#extras = extras;
    return this.#decide(subject, resource);
  }

  #malformed(message: string): Outcome {
    this.#rule = this.#ruleset = NONE;
    return this.#malformedOutcome(message);
  }

  #malformedOutcome(message: string): Outcome {
    this.#fault = message;
    return DENY_MALFORMED;
  }

  #faultOutcome(part: string, fault: IdFault): Outcome {
    return this.#malformedOutcome(`the ${part} ${describeFault(fault)}`);
  }

  /** Validates the subject and finds its classes; false if it or a group is malformed. */
  #bindSubject(subject: string | undefined, groups: readonly string[] | undefined): boolean {
    this.#subjectText = subject;
    this.#classCount = 0;
    this.#stamp = this.#stamp === 0xffffffff ? this.#restartStamps() : this.#stamp + 1;
    this.#addClass(CLASS_ANYONE);
    if (subject !== undefined) {
      if (typeof subject !== 'string') return this.#refuse('the subject is no string');
      const fault = checkSubject(subject);
      if (fault !== 'none') return this.#refuse(`the subject ${describeFault(fault)}`);
      if (isGroupSubject(subject)) return this.#refuse(`the subject ${describeFault('group-subject')}`);
      this.#addClass(CLASS_AUTHENTICATED);
      this.#addOwnClasses(subject);
    }
    return groups === undefined || this.#addGroups(groups, subject !== undefined);
  }

  #refuse(message: string): boolean {
    this.#malformedOutcome(message);
    return false;
  }

  #addOwnClasses(subject: string): void {
    const { text, subjects, subjectSlots, entries } = this.image;
    const row = findName(text, subjects, subjectSlots, subject);
    if (row !== NONE) {
      this.#addClassList(subjects[row * NAME.size + NAME.payload]!);
      return;
    }
    if (this.image.scalars[SCALAR.hasSubjectPatterns] === 0 || scanId(subject, this.#subject) !== 'none')
      return;
    this.#walker.walk(SUBJECT_ROOT, subject, this.#subject);
    for (let i = 0; i < this.#walker.listCount; i++) {
      const list = this.#walker.lists[i]!;
      const first = this.#firstOf(list);
      for (let entry = first; entry < first + this.#countOf(list); entry++) {
        this.#addClassList(entries[entry * ENTRY.size + ENTRY.target]!);
      }
    }
  }

  /** Groups of the request count as memberships (S16), for a subject that was given (S9). */
  #addGroups(groups: readonly string[], hasSubject: boolean): boolean {
    if (!Array.isArray(groups)) return this.#refuse('`groups` is no array');
    const { text, groups: rows, groupSlots } = this.image;
    for (const name of groups as readonly unknown[]) {
      if (typeof name !== 'string') return this.#refuse('a name in `groups` is no string');
      const fault = checkGroupName(name);
      if (fault !== 'none') return this.#refuse(`a name in \`groups\` ${describeFault(fault)}`);
      const row = hasSubject ? findName(text, rows, groupSlots, name) : NONE;
      if (row !== NONE) this.#addClassList(rows[row * NAME.size + NAME.payload]!);
    }
    return true;
  }

  #addClassList(at: number): void {
    const { classLists } = this.image;
    const count = classLists[at]!;
    for (let i = at + 1; i <= at + count; i++) this.#addClass(classLists[i]!);
  }

  #addClass(subjectClass: number): void {
    if (this.#classStamps[subjectClass] === this.#stamp) return;
    this.#classStamps[subjectClass] = this.#stamp;
    if (this.#classCount === this.#classes.length) this.#classes = grown(this.#classes);
    this.#classes[this.#classCount++] = subjectClass;
  }

  #restartStamps(): number {
    this.#classStamps.fill(0);
    return 1;
  }

  readonly #hasClass = (subjectClass: number): boolean => {
    if (this.#classCount > FEW_CLASSES) return this.#classStamps[subjectClass] === this.#stamp;
    for (let i = 0; i < this.#classCount; i++) if (this.#classes[i] === subjectClass) return true;
    return false;
  };

  #bindAction(action: string): boolean {
    if (typeof action !== 'string') return this.#refuse('the action is no string');
    const fault = checkAction(action);
    if (fault !== 'none') return this.#refuse(`the action ${describeFault(fault)}`);
    this.#actionText = action;
    this.#action = findName(this.image.text, this.image.actions, this.image.actionSlots, action);
    return true;
  }

  // ------------------------------------------------------------------ the decision

  /** S19: deny, not enforced, allow, superuser, default. */
  #decide(subject: string | undefined, resource: string | undefined): Outcome {
    const namespace = resource === undefined ? NONE : this.#namespaceOf(resource, this.#resource);
    const outcome = this.#decideByRules(resource, namespace, this.#resource);
    if (outcome === DENY_RULE || outcome === DENY_RULESET || namespace === NONE || resource === undefined)
      return outcome;
    if (this.#mode !== NONE && this.#isNotEnforced(subject, resource, namespace)) {
      this.#rule = this.#ruleset = NONE;
      return ALLOW_NOT_ENFORCED;
    }
    if (outcome !== DENY_DEFAULT) return outcome;
    return subject !== undefined && this.#isSuperuser(namespace) ? ALLOW_SUPERUSER : DENY_DEFAULT;
  }

  /** What the rules alone say (S10 to S18), for the bound subject and action. */
  #decideByRules(resource: string | undefined, namespace: number, elements: IdElements): Outcome {
    this.#firstAllow = this.#firstDeny = NONE;
    this.#detailCount = this.#scopeCount = 0;
    this.#rule = this.#ruleset = NONE;
    if (this.#action === NONE) {
      // No rule names the action, but a ruleset without a scope still speaks.
      return this.#hasRulesets ? this.#combine(resource, elements) : DENY_DEFAULT;
    }
    if (resource === undefined) {
      this.#relate(this.#noResource());
      const universal = this.image.scalars[SCALAR.universalNode]!;
      if (universal !== NONE) this.#visit(universal * 2);
    } else {
      this.#relate(namespace);
      this.#walker.walk(RESOURCE_ROOT, resource, elements);
      for (let i = 0; i < this.#walker.listCount; i++) this.#visit(this.#walker.lists[i]!);
    }
    if (this.#detailCount > 0 || this.#hasRulesets) return this.#combine(resource, elements);
    if (this.#firstDeny !== NONE) return this.#decidedBy(this.#firstDeny, DENY_RULE);
    return this.#firstAllow === NONE ? DENY_DEFAULT : this.#decidedBy(this.#firstAllow, ALLOW_RULE);
  }

  #decidedBy(rule: number, outcome: Outcome): Outcome {
    this.#rule = rule;
    return outcome;
  }

  /** Index of the namespace that the id belongs to (S31), or NONE. */
  #namespaceOf(resource: string, elements: IdElements): number {
    const { namespaceRoots } = this.image;
    if (namespaceRoots.length === 0) return NONE;
    const node = this.#walker.firstChild(RESOURCE_ROOT, resource, elements);
    return node === NONE ? NONE : (namespaceRoots[node - FIRST_NAMESPACE_NODE] ?? NONE);
  }

  /** What stands for the namespace of a request without a resource (S8). */
  #noResource(): number {
    return this.image.namespaces.length / NAMESPACE.size;
  }

  /** Row 0 of `relationIndex` is for no namespace, the last for no resource. */
  #relate(namespace: number): void {
    this.#relation =
      this.image.relationIndex[(namespace + 1) * this.image.scalars[SCALAR.actionCount]! + this.#action]!;
  }

  #firstOf(list: ListReference): number {
    const base = (list >>> 1) * NODE.size;
    const first = this.image.nodes[base + NODE.firstEntry]!;
    return (list & 1) === 0 ? first : first + this.image.nodes[base + NODE.exactCount]!;
  }

  #countOf(list: ListReference): number {
    return this.image.nodes[
      (list >>> 1) * NODE.size + ((list & 1) === 0 ? NODE.exactCount : NODE.tailCount)
    ]!;
  }

  /** Considers the entries of one covering list that speak of the subject. */
  #visit(list: ListReference): void {
    const { entries } = this.image;
    const first = this.#firstOf(list);
    const count = this.#countOf(list);
    if (count <= INDEX_THRESHOLD) {
      for (let entry = first; entry < first + count; entry++) {
        if (this.#hasClass(entries[entry * ENTRY.size + ENTRY.class]!)) this.#consider(entry);
      }
      return;
    }
    for (let i = 0; i < this.#classCount; i++) this.#considerClass(list, first, count, this.#classes[i]!);
  }

  #considerClass(list: ListReference, first: number, count: number, subjectClass: number): void {
    const { entries, entrySlots } = this.image;
    const mask = entrySlots.length - 1;
    for (let slot = slotHash(list, subjectClass, 0) & mask; ; slot = (slot + 1) & mask) {
      let entry = entrySlots[slot]! - 1;
      if (entry < 0) return;
      if (entry < first || entry >= first + count || entries[entry * ENTRY.size] !== subjectClass) continue;
      for (; entry < first + count && entries[entry * ENTRY.size] === subjectClass; entry++)
        this.#consider(entry);
      return;
    }
  }

  #consider(entry: number): void {
    const { entries } = this.image;
    const base = entry * ENTRY.size;
    const flags = entries[base + ENTRY.flags]!;
    const mask = entries[base + ENTRY.mask]!;
    const target = entries[base + ENTRY.target]!;
    if ((flags & ENTRY_SCOPE) !== 0) {
      if (flags >>> ENTRY_PAGE_SHIFT === this.#action >>> 5 && (mask & (1 << (this.#action & 31))) !== 0)
        this.#addScope(target);
      return;
    }
    if (!this.#isRelated(flags, mask)) return;
    if ((flags & ENTRY_DETAIL) !== 0) this.#addDetail(target, flags & ENTRY_DENY);
    else if ((flags & ENTRY_DENY) !== 0) this.#firstDeny = firstOfTwo(this.#firstDeny, target);
    else this.#firstAllow = firstOfTwo(this.#firstAllow, target);
  }

  /** Whether a rule with these actions and this effect speaks of the request's action (S13). */
  #isRelated(flags: number, mask: number): boolean {
    const { relations } = this.image;
    const page = flags >>> ENTRY_PAGE_SHIFT;
    const effect = (flags & ENTRY_DENY) === 0 ? 1 : 2;
    const end = this.#relation + 1 + relations[this.#relation]! * RELATION_SIZE;
    for (let at = this.#relation + 1; at < end; at += RELATION_SIZE) {
      if (relations[at] === page) return (mask & relations[at + effect]!) !== 0;
    }
    return false;
  }

  #addDetail(detail: number, isDeny: number): void {
    if (this.#detailCount === this.#details.length) this.#details = grown(this.#details);
    this.#details[this.#detailCount++] = detail * 2 + isDeny;
  }

  #addScope(ruleset: number): void {
    if (this.#scopeCount === this.#scopes.length) this.#scopes = grown(this.#scopes);
    this.#scopes[this.#scopeCount++] = ruleset;
  }

  // ------------------------------------------------------------------ conditions, variables, rulesets

  /** S17, S18: what rules outside rulesets say, then the rulesets in order; a deny of any wins. */
  #combine(resource: string | undefined, elements: IdElements): Outcome {
    // In source order, so that the first rule that applies is the one to report.
    this.#details.subarray(0, this.#detailCount).sort(this.#byRule);
    const deny = firstOfTwo(this.#firstDeny, this.#firstApplying(NONE, 1, resource, elements));
    if (deny !== NONE) return this.#decidedBy(deny, DENY_RULE);
    const allow = firstOfTwo(this.#firstAllow, this.#firstApplying(NONE, 0, resource, elements));
    let best = allow === NONE ? DENY_DEFAULT : ALLOW_RULE;
    this.#rule = allow;
    if (!this.#hasRulesets) return best;
    const { rulesets } = this.image;
    for (let ruleset = 0; ruleset < rulesets.length / RULESET.size; ruleset++) {
      if (!this.#speaks(ruleset)) continue;
      const rule = this.#ruleOf(ruleset, resource, elements);
      const outcome = this.#outcomeOf(ruleset, rule);
      const isDeny = outcome === DENY_RULE || outcome === DENY_RULESET;
      if (!isDeny && (best !== DENY_DEFAULT || outcome === DENY_DEFAULT)) continue;
      this.#rule = rule < 0 ? NONE : rule >>> 1;
      this.#ruleset = ruleset;
      if (isDeny) return outcome;
      best = outcome;
    }
    return best;
  }

  readonly #byRule = (a: number, b: number): number => {
    const { details } = this.image;
    return (
      details[(a >>> 1) * DETAIL.size + DETAIL.rule]! - details[(b >>> 1) * DETAIL.size + DETAIL.rule]! ||
      a - b
    );
  };

  #speaks(ruleset: number): boolean {
    if (this.image.rulesets[ruleset * RULESET.size + RULESET.isUnscoped] === 1) return true;
    for (let i = 0; i < this.#scopeCount; i++) if (this.#scopes[i] === ruleset) return true;
    return false;
  }

  /** The deciding rule of a ruleset, twice, plus 1 if it denies; NONE if none applies. */
  #ruleOf(ruleset: number, resource: string | undefined, elements: IdElements): number {
    const isFirstApplicable =
      this.image.rulesets[ruleset * RULESET.size + RULESET.combining] === FIRST_APPLICABLE;
    if (isFirstApplicable) return this.#firstApplyingOf(ruleset, resource, elements);
    const deny = this.#firstApplying(ruleset, 1, resource, elements);
    if (deny !== NONE) return deny * 2 + 1;
    const allow = this.#firstApplying(ruleset, 0, resource, elements);
    return allow === NONE ? NONE : allow * 2;
  }

  #outcomeOf(ruleset: number, rule: number): Outcome {
    if (rule !== NONE) return (rule & 1) === 1 ? DENY_RULE : ALLOW_RULE;
    const fallback = this.image.rulesets[ruleset * RULESET.size + RULESET.default];
    return fallback === DEFAULT_ALLOW
      ? ALLOW_RULESET
      : fallback === DEFAULT_DENY
        ? DENY_RULESET
        : DENY_DEFAULT;
  }

  /** The first rule with this effect, among the details of `ruleset`, that applies. */
  #firstApplying(
    ruleset: number,
    isDeny: number,
    resource: string | undefined,
    elements: IdElements,
  ): number {
    for (let i = 0; i < this.#detailCount; i++) {
      const packed = this.#details[i]!;
      if ((packed & 1) === isDeny && this.#appliesIn(ruleset, packed, resource, elements))
        return this.#ruleOfDetail(packed >>> 1);
    }
    return NONE;
  }

  #firstApplyingOf(ruleset: number, resource: string | undefined, elements: IdElements): number {
    for (let i = 0; i < this.#detailCount; i++) {
      const packed = this.#details[i]!;
      if (this.#appliesIn(ruleset, packed, resource, elements))
        return this.#ruleOfDetail(packed >>> 1) * 2 + (packed & 1);
    }
    return NONE;
  }

  #ruleOfDetail(detail: number): number {
    return this.image.details[detail * DETAIL.size + DETAIL.rule]!;
  }

  #appliesIn(ruleset: number, packed: number, resource: string | undefined, elements: IdElements): boolean {
    const base = (packed >>> 1) * DETAIL.size;
    if (this.image.details[base + DETAIL.ruleset] !== ruleset) return false;
    const answer = this.#runDetail(base, resource, elements);
    return answer === IS_TRUE || (answer === ERRED && (packed & 1) === 1);
  }

  /** Variables, then the condition: what errs lets a deny apply and an allow not (S25, S41). */
  #runDetail(base: number, resource: string | undefined, elements: IdElements): number {
    const { details } = this.image;
    const match = this.#matchDetail(base, resource, elements);
    if (match !== true) return match === undefined ? ERRED : IS_FALSE;
    const condition = details[base + DETAIL.condition]!;
    if (condition === NONE) return IS_TRUE;
    this.#source ??= sourceOf(this.#subjectText, this.#actionText, resource, this.#extras);
    return runCondition(condition, {
      image: this.image,
      entities: this.#entities,
      source: this.#source,
      hasClass: this.#hasClass,
    });
  }

  #matchDetail(base: number, resource: string | undefined, elements: IdElements): boolean | undefined {
    const subjectPattern = this.image.details[base + DETAIL.subjectPattern]!;
    const resourcePattern = this.image.details[base + DETAIL.resourcePattern]!;
    if (subjectPattern === NONE && resourcePattern === NONE) return true;
    // Without a resource only `**` itself matches (S8), and a subject pattern has matched a subject already.
    if (resource === undefined) return false;
    const subject = this.#subjectText ?? '';
    if (subjectPattern !== NONE && scanId(subject, this.#subject) !== 'none') return false;
    return matchVariables(
      this.image,
      subjectPattern,
      { text: subject, elements: this.#subject },
      resourcePattern,
      { text: resource, elements },
    );
  }

  // ------------------------------------------------------------------ modes and superusers

  /** S36, after the rules have not denied. */
  #isNotEnforced(subject: string | undefined, resource: string, namespace: number): boolean {
    const { namespaces, templates, entries, modes } = this.image;
    if (
      namespaces[namespace * NAMESPACE.size + NAMESPACE.hasEnforcement] === 0 ||
      !this.#isKnownAction(namespace)
    )
      return false;
    this.#walker.walk(TEMPLATE_ROOT, resource, this.#resource);
    let row: number = NONE;
    for (let i = 0; i < this.#walker.listCount; i++) {
      const list = this.#walker.lists[i]!;
      const first = this.#firstOf(list);
      for (let entry = first; entry < first + this.#countOf(list); entry++)
        row = firstOfTwo(row, entries[entry * ENTRY.size + ENTRY.target]!);
    }
    if (row === NONE) return false;
    const enforcement = templates[row * (1 + modes.length / NAME.size) + 1 + this.#mode];
    return (
      enforcement === NOT_ENFORCED || (enforcement === ENFORCED_IF_AUTHENTICATED && subject === undefined)
    );
  }

  /** S34 */
  #isKnownAction(namespace: number): boolean {
    const list = this.image.namespaces[namespace * NAMESPACE.size + NAMESPACE.knownActions]!;
    return list === NONE || this.#isListed(list, this.#action);
  }

  #isListed(list: number, value: number): boolean {
    const { classLists } = this.image;
    for (let i = list + 1; i <= list + classLists[list]!; i++) if (classLists[i] === value) return true;
    return false;
  }

  /** S33. Leaves the rule that makes the subject a superuser as the deciding one. */
  #isSuperuser(namespace: number): boolean {
    const { namespaces, classLists, actions } = this.image;
    const base = namespace * NAMESPACE.size;
    const length = namespaces[base + NAMESPACE.superuserLength]!;
    if (
      length === 0 ||
      !this.#mayBeSuperuser(namespaces[base + NAMESPACE.superuserClasses]!) ||
      !this.#isKnownAction(namespace)
    )
      return false;
    const id = textAt(this.image, namespaces[base + NAMESPACE.superuser]!, length);
    if (scanId(id, this.#other) !== 'none') return false;
    const owner = this.#namespaceOf(id, this.#other);
    const [asked, askedText, extras] = [this.#action, this.#actionText, this.#extras];
    this.#extras = { attributes: { subject: extras.attributes?.subject }, context: extras.context };
    const list = namespaces[base + NAMESPACE.superuserActions]!;
    let found = false;
    for (let i = list + 1; i <= list + classLists[list]! && !found; i++) {
      this.#action = classLists[i]!;
      this.#actionText = textAt(
        this.image,
        actions[this.#action * NAME.size + NAME.text]!,
        actions[this.#action * NAME.size + NAME.length]!,
      );
      this.#source = undefined;
      const outcome = this.#decideByRules(id, owner, this.#other);
      found = outcome === ALLOW_RULE || outcome === ALLOW_RULESET;
    }
    [this.#action, this.#actionText, this.#extras] = [asked, askedText, extras];
    this.#source = undefined;
    if (!found) this.#rule = this.#ruleset = NONE;
    return found;
  }

  /** Whether a class of the subject is one to which some rule allows something on the superuser's id. */
  #mayBeSuperuser(list: number): boolean {
    const { classLists } = this.image;
    for (let i = list + 1; i <= list + classLists[list]!; i++)
      if (this.#hasClass(classLists[i]!)) return true;
    return false;
  }

  #traceList(
    list: ListReference,
    resource: string | undefined,
    visit: (rule: number, isDeny: boolean, outcome: EntryOutcome) => void,
  ): void {
    const { entries } = this.image;
    const first = this.#firstOf(list);
    for (let entry = first; entry < first + this.#countOf(list); entry++) {
      const base = entry * ENTRY.size;
      const flags = entries[base + ENTRY.flags]!;
      if ((flags & ENTRY_SCOPE) !== 0) continue;
      const target = entries[base + ENTRY.target]!;
      const isDetail = (flags & ENTRY_DETAIL) !== 0;
      visit(
        isDetail ? this.#ruleOfDetail(target) : target,
        (flags & ENTRY_DENY) !== 0,
        this.#entryOutcome(base, flags, isDetail, target, resource),
      );
    }
  }

  #entryOutcome(
    base: number,
    flags: number,
    isDetail: boolean,
    target: number,
    resource: string | undefined,
  ): EntryOutcome {
    const { entries } = this.image;
    if (!this.#hasClass(entries[base + ENTRY.class]!)) return 'other-subject';
    if (this.#action === NONE || !this.#isRelated(flags, entries[base + ENTRY.mask]!)) return 'other-action';
    if (!isDetail) return 'applies';
    if (this.#matchDetail(target * DETAIL.size, resource, this.#resource) === false) return 'other-variables';
    const answer = this.#runDetail(target * DETAIL.size, resource, this.#resource);
    return answer === IS_TRUE ? 'applies' : answer === IS_FALSE ? 'condition-false' : 'condition-error';
  }
}

function sourceOf(
  subject: string | undefined,
  action: string,
  resource: string | undefined,
  { attributes, context }: Pick<Request, 'attributes' | 'context'>,
): AttributeSource {
  return {
    subject,
    action,
    resource,
    subjectAttributes: attributes?.subject,
    actionAttributes: attributes?.action,
    resourceAttributes: attributes?.resource,
    context,
  };
}

function isWellFormedAttributes(attributes: unknown): boolean {
  if (!isObject(attributes)) return false;
  const { subject, action, resource } = attributes as Record<string, unknown>;
  return [subject, action, resource].every((part) => part === undefined || isObject(part));
}

/** The lower of two rule numbers, either of which may be NONE. */
function firstOfTwo(a: number, b: number): number {
  if (a === NONE) return b;
  return b === NONE || a < b ? a : b;
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
