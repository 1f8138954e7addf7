import type { Model, Namespace, ResourcePattern } from '../../model/model.ts';
import { elementsOf } from '../../model/template-variants.ts';

/** What actions imply in a namespace, or, without one, on every resource (S14). */
export class Implications {
  readonly #model: Model;
  readonly #direct = new Map<Namespace | undefined, ReadonlyMap<string, readonly string[]>>();
  readonly #closures = new Map<Namespace | undefined, Map<string, ReadonlySet<string>>>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** All that the action implies by whatever steps; itself is not among it unless it stands in a circle. */
  impliedBy(action: string, namespace: Namespace | undefined): ReadonlySet<string> {
    const closures = this.#closuresOf(namespace);
    const known = closures.get(action);
    if (known !== undefined) return known;
    const implied = this.#close(action, namespace);
    closures.set(action, implied);
    return implied;
  }

  #closuresOf(namespace: Namespace | undefined): Map<string, ReadonlySet<string>> {
    const known = this.#closures.get(namespace);
    if (known !== undefined) return known;
    const closures = new Map<string, ReadonlySet<string>>();
    this.#closures.set(namespace, closures);
    return closures;
  }

  #directOf(namespace: Namespace | undefined): ReadonlyMap<string, readonly string[]> {
    const known = this.#direct.get(namespace);
    if (known !== undefined) return known;
    const direct = new Map<string, string[]>();
    for (const { action, implies } of [...this.#model.implications, ...(namespace?.implications ?? [])]) {
      const all = direct.get(action) ?? [];
      for (const name of implies) all.push(name);
      direct.set(action, all);
    }
    this.#direct.set(namespace, direct);
    return direct;
  }

  #close(action: string, namespace: Namespace | undefined): ReadonlySet<string> {
    const direct = this.#directOf(namespace);
    const found = new Set<string>();
    const pending = [action];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const implied of direct.get(next) ?? []) {
        if (found.has(implied)) continue;
        found.add(implied);
        pending.push(implied);
      }
    }
    return found;
  }
}

/** The namespace whose ids alone the pattern matches; undefined if there is none, or if it begins with a wildcard (S31). */
export function namespaceOf(model: Model, resource: ResourcePattern): Namespace | undefined {
  const first = elementsOf(resource)[0];
  return model.namespaces.find(({ roots }) =>
    roots.some((root) =>
      root.kind === 'path' ? first?.kind === 'root' : first?.kind === 'literal' && first.text === root.text,
    ),
  );
}
