import type { DescribedSet } from '../../src/analysis/described-set.ts';
import type { Truth } from '../../src/analysis/evaluate-expression.ts';
import type { Request } from '../../src/decision/request.ts';
import type { GuardState, Requests, ResourceTerm, SubjectTerm } from '../../src/diff/policy-difference.ts';
import { build } from '../../src/index.ts';
import type { Model, PathPattern } from '../../src/model/model.ts';
import { printGroupName } from '../../src/printing/print-condition.ts';
import { isResourceId, matchesFreely, splitId } from '../../src/reference/matching.ts';
import { createReference } from '../../src/reference/reference.ts';

/** What described sets of requests hold, read with nothing but the reference evaluator. */
export class DescribedRequests {
  readonly #models: Readonly<Record<'before' | 'after', Model>>;
  readonly #subjects = new Map<string, boolean>();
  readonly #resources = new Map<string, boolean>();
  readonly #guards = new Map<string, (request: Request) => Truth>();
  readonly #groups = new Map<string, ReturnType<typeof createReference>>();

  constructor(before: Model, after: Model) {
    this.#models = { before, after };
  }

  /** @param knownActions  those that a policy names */
  holds(requests: Requests, request: Request, knownActions: ReadonlySet<string>): boolean {
    const isAsked =
      requests.actions.includes(request.action) ||
      (requests.isAnyOtherAction && !knownActions.has(request.action));
    return (
      isAsked &&
      this.#holdsResource(requests, request.resource) &&
      this.#holdsSubject(requests.subjects, request)
    );
  }

  /** Whether one of the alternatives is met. */
  meets(condition: readonly (readonly GuardState[])[] | undefined, request: Request): boolean {
    if (condition === undefined) return true;
    return condition.some((states) =>
      states.every((state) => state.truths.includes(this.#truthOf(state, request))),
    );
  }

  #holdsResource({ resources, isWithoutResource }: Requests, resource: string | undefined): boolean {
    if (resource === undefined) return isWithoutResource;
    return isIn(resources, (term) =>
      remember(this.#resources, `${term.text} ${resource}`, () => matches(term, resource)),
    );
  }

  #holdsSubject(subjects: DescribedSet<SubjectTerm>, request: Request): boolean {
    return isIn(subjects, (term) =>
      remember(this.#subjects, JSON.stringify([term, request.subject, request.groups]), () =>
        this.#isSubject(term, request),
      ),
    );
  }

  #isSubject(term: SubjectTerm, { subject, groups }: Request): boolean {
    switch (term.kind) {
      case 'anyone':
        return true;
      case 'authenticated':
        return subject !== undefined;
      case 'subject':
        return subject === term.id;
      case 'pattern':
        return subject !== undefined && isResourceId(subject) && matches(term, subject);
      case 'group': {
        const side = term.side ?? 'after';
        const inGroup = remember(this.#groups, `${side} ${term.name}`, () =>
          createReference(
            onlyGroups(this.#models[side], `allow group:${printGroupName(term.name)} to t on **`),
          ),
        );
        return inGroup.decide({ subject, groups, action: 't', resource: 'a' }).decision === 'allow';
      }
    }
  }

  #truthOf({ kind, text, side = 'after' }: GuardState, request: Request): Truth {
    return remember(this.#guards, `${kind} ${side} ${text}`, () => {
      const model = this.#models[side];
      if (kind === 'variables') {
        const [subjects, resources] = text.split(' on ');
        const rule = createReference(onlyGroups(model, `allow ${subjects} to t on ${resources}`));
        return (each) =>
          rule.decide({ ...each, action: 't' }).decision === 'allow' ? ('true' as const) : ('false' as const);
      }
      const allows = createReference(onlyGroups(model, `allow anyone to t on ** when ${text}`));
      const denies = createReference(
        onlyGroups(model, `allow anyone to t on **\ndeny anyone to t on ** when ${text}`),
      );
      return (each) => {
        const asked = { ...each, action: 't' };
        if (allows.decide(asked).decision === 'allow') return 'true';
        return denies.decide(asked).decision === 'deny' ? 'error' : 'false';
      };
    })(request);
  }
}

function remember<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function isIn<Term>(set: DescribedSet<Term>, holds: (term: Term) => boolean): boolean {
  return set.some(({ all, except }) => all.every(holds) && !isIn(except, holds));
}

function matches({ elements }: Pick<ResourceTerm, 'elements'>, id: string): boolean {
  return matchesFreely({ kind: 'pattern', text: '', elements } satisfies PathPattern, splitId(id));
}

/** The rules of a text over the groups and entities of a model. */
function onlyGroups(model: Model, text: string): Model {
  const names = model.groups.map(({ name }) => `group ${printGroupName(name)} {}`).join('\n');
  const built = build([{ file: 'guard.acl', text: `${names}\n${text}` }]);
  if (!built.ok) throw new Error(`no policy: ${text}`);
  return { ...built.model, groups: model.groups, entities: model.entities };
}
