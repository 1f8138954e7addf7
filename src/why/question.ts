import { type Letter, lettersOfId } from '../analysis/letters.ts';
import { matchesAny } from '../analysis/match-elements.ts';
import { Schema } from '../analysis/schema.ts';
import { Subjects } from '../analysis/subjects.ts';
import type { Request } from '../decision/request.ts';
import type {
  Implication,
  Model,
  Namespace,
  ResourcePattern,
  Rule,
  SubjectPattern,
  Template,
} from '../model/model.ts';
import { takesMany } from '../model/pattern-elements.ts';

/** A well-formed request before a policy set: what rules, taken one by one, have to do with it. */
export class Question {
  readonly model: Model;
  readonly request: Request;
  readonly schema: Schema;
  readonly subjects: Subjects;
  /** Every group that the subject is in (S16). */
  readonly groups: ReadonlySet<string>;
  /** The elements of the resource; undefined if there is none. */
  readonly letters: readonly Letter[] | undefined;
  readonly namespace: Namespace | undefined;
  readonly template: Template | undefined;
  /** As `Schema.askedBy` wants it. */
  readonly place: number | undefined | 'nothing';

  constructor(model: Model, request: Request) {
    const { subject, resource, groups = [] } = request;
    this.model = model;
    this.request = request;
    this.schema = new Schema(model);
    this.subjects = new Subjects(model);
    this.groups = this.subjects.groupsOf({ ...(subject === undefined ? {} : { subject }), groups });
    if (resource === undefined) {
      this.place = 'nothing';
      return;
    }
    this.letters = lettersOfId(resource);
    const index = this.schema.namespaceOf(this.letters[0]!);
    this.place = index;
    this.namespace = this.schema.namespaceAt(index);
    this.template = this.schema.templateOf(resource);
  }

  /** The same asker before another resource and action: for what a superuser must be allowed. */
  about(action: string, resource: string): Question {
    return new Question(this.model, { ...this.request, action, resource });
  }

  /** Variables free. */
  isSubject(pattern: SubjectPattern): boolean {
    const { subject, groups = [] } = this.request;
    return this.subjects.matches(
      pattern,
      { ...(subject === undefined ? {} : { subject }), groups },
      this.groups,
    );
  }

  /** Whether a rule on that resource covers the request's (S30, S8); variables free. */
  covers(resource: ResourcePattern): boolean {
    if (this.letters === undefined) return resource.kind === 'pattern' && resource.elements.every(takesMany);
    if (resource.kind === 'literal' && !this.request.resource!.startsWith(resource.id)) return false;
    return matchesAny(this.schema.coverageOf(resource).patterns, this.letters);
  }

  /** Whether an action of the rule matches the request's, where the rule speaks of that resource (S13, S14). */
  isAsked(rule: Pick<Rule, 'effect' | 'actions'>, resource: ResourcePattern): boolean {
    return this.schema.askedBy(rule, this.schema.coverageOf(resource), this.place).has(this.request.action);
  }

  /** Those that count for the request (S14, S8). */
  implications(effect: Rule['effect']): readonly Implication[] {
    const { implications, namespaces } = this.model;
    const everywhere = this.place === 'nothing' && effect === 'deny' ? namespaces : [];
    return [
      ...implications,
      ...(this.namespace?.implications ?? []),
      ...everywhere.flatMap((each) => each.implications),
    ];
  }

  /** Whether the ruleset speaks for the request (S17). */
  isSpokenFor(ruleset: number | undefined): boolean {
    if (ruleset === undefined) return true;
    const { scopes } = this.model.rulesets[ruleset]!;
    return (
      scopes.length === 0 ||
      scopes.some(
        ({ actions, resources }) =>
          actions.includes(this.request.action) && resources.some((each) => this.covers(each)),
      )
    );
  }
}
