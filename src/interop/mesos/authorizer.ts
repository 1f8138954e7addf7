import { compile } from '../../compile/compile.ts';
import { RequestError } from '../../decision/errors.ts';
import { PolicyError } from '../../diagnostics/policy-error.ts';
import { type Approver, RuntimeAuthorizer } from '../../evaluate/authorizer.ts';
import type { Source } from '../../source/source.ts';
import type { AclEntry, Acls } from './acls.ts';
import type { MesosAction, Question } from './actions.ts';
import { buildModel } from './build-model.ts';
import { isClaimSufficient } from './claims.ts';
import { type Asked, deriveAsked, isAsked } from './derive.ts';
import { findBeyondLimits } from './limits.ts';
import { type AclList, aclListByName, resourceKinds } from './lists.ts';
import { MesosNames } from './names.ts';
import { readAcls } from './read-acls.ts';
import {
  checkObjectHas,
  checkObjectIsSet,
  isSet,
  type MesosObject,
  type MesosRequest,
  type MesosSubject,
  readAction,
  readObject,
  readRequest,
  readSubject,
} from './request.ts';

/** Subject and action, bound once, as Mesos does for subjects that ask again and again. */
export interface MesosApprover {
  /**
   * Whether the action is allowed on this object; `null` and `undefined` are no object. An object with nothing set asks
   * for ANY, as no object does.
   *
   * @throws {RequestError} where Mesos would abort: the object lacks what the action insists on
   */
  approved(object: MesosObject | null | undefined): boolean;
}

/** Why a request was decided as it was. */
export interface MesosExplanation {
  readonly allowed: boolean;
  /**
   * `lists`: by the lists in `asked`. `claims`: by the subject's claims alone, since it has no value. `unknown-action`: the
   * action UNKNOWN, which is denied. `no-roles`: by `permissive`, since a framework with MULTI_ROLE has no role to judge.
   */
  readonly by: 'lists' | 'claims' | 'unknown-action' | 'no-roles';
  /** Every question to a list, in order; all must be allowed. */
  readonly asked: readonly MesosAnswer[];
}

/** One question to one list, and which entry answered it. */
export interface MesosAnswer {
  readonly list: string;
  /** `null` is ANY: no principal is given. */
  readonly principal: string | null;
  /** `null` is ANY: no object is given, or none that the action reads. */
  readonly object: string | null;
  readonly allowed: boolean;
  /** The first entry that applies; absent if none does and `permissive` decided. */
  readonly entry?: {
    /** 0-based, as Mesos counts. */
    readonly index: number;
    /** JSON pointer into the document. */
    readonly pointer: string;
  };
}

/**
 * The local authorizer of Apache Mesos: the verdicts that a master or agent gives with these `--acls`. The ACLs are
 * compiled to an image, so a verdict costs the same whatever the number of entries.
 */
export class MesosAuthorizer {
  /** Those that are in force, defaults filled in. */
  readonly acls: Acls;
  readonly #names: MesosNames;
  readonly #runtime: RuntimeAuthorizer;

  /**
   * @param acls  a document as text, or as the value that its JSON stands for
   * @param file  how messages name it
   * @throws {PolicyError} with every fault, for a document that Mesos refuses
   */
  static fromAcls(acls: unknown, file = 'acls.json'): MesosAuthorizer {
    const source = { file, text: typeof acls === 'string' ? acls : printJson(acls, file) };
    return new MesosAuthorizer(loadAcls(source), file);
  }

  private constructor(acls: Acls, file: string) {
    this.acls = acls;
    this.#names = new MesosNames(acls);
    this.#runtime = new RuntimeAuthorizer(compile(buildModel(acls, this.#names, file)));
  }

  /**
   * Decides one request.
   *
   * @throws {RequestError} for what Mesos aborts on: an unknown action, a subject or an object with nothing set, an object
   *   that lacks what the action insists on; and for values of a wrong type
   */
  authorized(request: MesosRequest): boolean {
    const { action, subject, object } = readWhole(request);
    if (isClaimant(subject)) return isClaimSufficient(action, subject, object);
    checkObjectHas(action, object);
    if (action.questions.length === 0) return false;
    return action.questions.every(
      (question) => !isAsked(question, object) || this.#allows(question, subject, object),
    );
  }

  /**
   * Binds a subject and an action. It stays with these ACLs.
   *
   * @param subject  `null` and `undefined` are no subject; one with nothing set is denied everything
   * @throws {RequestError} for an unknown action, or a value of a wrong type
   */
  getApprover(subject: MesosSubject | null | undefined, action: string | number): MesosApprover {
    const known = readAction(action);
    const asker = readSubject(subject);
    if (asker !== undefined && !isSet(asker.value)) {
      return {
        approved: (object) => isSet(asker.claims) && isClaimSufficient(known, asker, readObject(object)),
      };
    }
    const principal = isSet(asker?.value) ? this.#names.principal(asker.value) : undefined;
    const bound = known.questions.map((question): BoundQuestion => {
      return { question, approver: this.#runtime.approver(principal, question.list) };
    });
    return { approved: (object) => this.#approves(known, bound, readObject(object)) };
  }

  /**
   * Decides as `authorized` does, and says which entry of which list decided.
   *
   * @throws {RequestError} as `authorized`
   */
  explain(request: MesosRequest): MesosExplanation {
    const { action, subject, object } = readWhole(request);
    if (isClaimant(subject)) {
      return { allowed: isClaimSufficient(action, subject, object), by: 'claims', asked: [] };
    }
    checkObjectHas(action, object);
    if (action.questions.length === 0) return { allowed: false, by: 'unknown-action', asked: [] };
    const asked = action.questions
      .filter((question) => isAsked(question, object))
      .flatMap((question) => this.#answers(question, subject, object));
    if (asked.length === 0) return { allowed: this.acls.permissive, by: 'no-roles', asked };
    return { allowed: asked.every(({ allowed }) => allowed), by: 'lists', asked };
  }

  #allows(question: Question, subject: MesosSubject | undefined, object: MesosObject | undefined): boolean {
    const principal = this.#principalOf(subject);
    return this.#judge(question, deriveAsked(question, object), (resource) =>
      this.#runtime.isAllowed(principal, question.list, resource),
    );
  }

  #approves(action: MesosAction, bound: readonly BoundQuestion[], object: MesosObject | undefined): boolean {
    checkObjectHas(action, object);
    if (bound.length === 0) return false;
    return bound.every(
      ({ question, approver }) =>
        !isAsked(question, object) ||
        this.#judge(question, deriveAsked(question, object), (resource) => approver.allows(resource)),
    );
  }

  /** Every role by itself, and all must pass; where there is none the entries are not consulted (5.4). */
  #judge({ list }: Question, asked: Asked, allows: (resource: string) => boolean): boolean {
    const { objectField } = aclListByName.get(list)!;
    if (asked === undefined || typeof asked === 'string') return allows(this.#resourceOf(objectField, asked));
    if (asked.length === 0) return this.acls.permissive;
    return asked.every((value) => allows(this.#resourceOf(objectField, value)));
  }

  #answers(
    question: Question,
    subject: MesosSubject | undefined,
    object: MesosObject | undefined,
  ): MesosAnswer[] {
    const asked = deriveAsked(question, object);
    const values = typeof asked === 'object' ? asked : [asked];
    return values.map((value) => this.#answer(question.list, subject, value));
  }

  #answer(list: string, subject: MesosSubject | undefined, value: string | undefined): MesosAnswer {
    const { objectField } = aclListByName.get(list)!;
    const { decision, rule } = this.#runtime.decide({
      subject: this.#principalOf(subject),
      action: list,
      resource: this.#resourceOf(objectField, value),
    });
    const entry = rule === undefined ? undefined : this.#entryOf(list, rule.id);
    return {
      list,
      principal: subject?.value ?? null,
      object: value ?? null,
      allowed: decision === 'allow',
      ...(entry === undefined ? {} : { entry: { index: entry.index, pointer: entry.pointer } }),
    };
  }

  /** The id of a rule is `run_tasks[3]`. */
  #entryOf(list: string, ruleId: string): AclEntry | undefined {
    return this.acls.lists.get(list)?.[Number(ruleId.slice(list.length + 1, -1))];
  }

  #principalOf(subject: MesosSubject | undefined): string | undefined {
    return isSet(subject?.value) ? this.#names.principal(subject.value) : undefined;
  }

  #resourceOf(field: AclList['objectField'], value: string | undefined): string {
    return value === undefined ? `mesos:${resourceKinds[field]}` : this.#names.resource(field, value);
  }
}

interface BoundQuestion {
  readonly question: Question;
  readonly approver: Approver;
}

interface WholeRequest {
  readonly action: MesosAction;
  readonly subject: MesosSubject | undefined;
  readonly object: MesosObject | undefined;
}

/**
 * A document without faults.
 *
 * @throws {PolicyError} with every fault
 */
export function loadAcls(source: Source): Acls {
  const reading = readAcls(source);
  const diagnostics = [...reading.diagnostics, ...findBeyondLimits(source, reading)];
  if (reading.acls !== undefined && diagnostics.length === 0) return reading.acls;
  throw new PolicyError(diagnostics, (file) => (file === source.file ? source.text : undefined));
}

/**
 * The text of a value, so that messages about it have places.
 *
 * @throws {PolicyError} for a value that has none: one that holds itself, or a BigInt, or has no end of depth
 */
function printJson(value: unknown, file: string): string {
  try {
    return JSON.stringify(value, null, 2) ?? '';
  } catch (error) {
    const message = `the ACLs cannot be written as JSON: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
    const span = { start: 0, end: 0 };
    throw new PolicyError([{ code: 'P4001', severity: 'error', file, span, message }], () => undefined);
  }
}

/** The checks that Mesos makes before it answers a single request (SEMANTICS of Mesos, 7.2 and 10). */
function readWhole(request: unknown): WholeRequest {
  const { action, subject, object } = readRequest(request);
  const whole = { action: readAction(action), subject: readSubject(subject), object: readObject(object) };
  if (whole.subject !== undefined && !isSet(whole.subject.value) && !isSet(whole.subject.claims)) {
    throw new RequestError('the subject has neither `value` nor `claims`: leave it out, or set one');
  }
  checkObjectIsSet(whole.object);
  return whole;
}

/** An executor or a resource provider: claims count only where there is no value. */
function isClaimant(subject: MesosSubject | undefined): subject is MesosSubject {
  return subject !== undefined && !isSet(subject.value);
}
