import type { ResourcePattern, Rule, SubjectPattern } from '../../model/model.ts';
import { secretsPrefix } from '../knowledge/dcos.ts';
import type { WitnessRequest } from '../rule.ts';
import type { PolicyFacts } from './policy-facts.ts';
import { areInLine, secretPath, servicePath } from './spaces.ts';
import { exampleOf } from './witness.ts';

/** A way to the value of a secret. */
export interface SecretAccess {
  readonly rule: Rule;
  readonly subjects: readonly SubjectPattern[];
  /** Says what its holders do, before the secret. */
  readonly verb: string;
  /** What of it the policy allows. */
  readonly request: Required<Pick<WitnessRequest, 'action' | 'resource'>>;
}

interface ServiceGrant {
  readonly rule: Rule;
  readonly resource: ResourcePattern;
  readonly path: readonly string[];
}

/** Who comes to the values of secrets, by asking for them or by running a service that has them on its path. */
export class SecretAccesses {
  readonly #facts: PolicyFacts;
  readonly #serviceGrants: readonly ServiceGrant[];
  readonly #storers = new Set<string>();

  constructor(facts: PolicyFacts) {
    this.#facts = facts;
    const serviceGrants: ServiceGrant[] = [];
    for (const rule of facts.model.rules) {
      if (rule.effect === 'deny') continue;
      for (const resource of rule.resources) {
        const path = servicePath(resource);
        const isStore = path === undefined && secretPath(resource) !== undefined;
        if (path === undefined && !isStore) continue;
        const actions = facts.actionsOn(rule, resource);
        if (!actions.has('create') && !actions.has('update')) continue;
        if (path !== undefined) serviceGrants.push({ rule, resource, path });
        else for (const each of rule.subjects) if (each.kind === 'subject') this.#storers.add(each.id);
      }
    }
    this.#serviceGrants = serviceGrants;
  }

  /** Whether a subject itself is granted to store some secret. */
  stores(subject: string): boolean {
    return this.#storers.has(subject);
  }

  /** @param secret  its id without the leading slash */
  to(secret: string): readonly SecretAccess[] {
    const id = secretsPrefix + secret;
    const folder = secret.split('/').slice(0, -1);
    const read = this.#facts
      .rulesOn('read', id)
      .filter(({ effect }) => effect === 'allow')
      .map(
        (rule): SecretAccess => ({
          rule,
          subjects: this.#facts.allowedSubjects(rule, 'read', id),
          verb: 'may read',
          request: { action: 'read', resource: id },
        }),
      );
    const run = this.#serviceGrants
      .filter(({ path }) => areInLine(path, folder))
      .map(
        ({ rule, resource }): SecretAccess => ({
          rule,
          subjects: rule.subjects,
          verb: 'may run a service that reads',
          request: {
            action: this.#facts.actionsOn(rule, resource).has('create') ? 'create' : 'update',
            resource: exampleOf(resource),
          },
        }),
      );
    return [...read, ...run];
  }
}
