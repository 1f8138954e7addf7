import { NearNameSearch } from '../diagnostics/near-name-search.ts';
import type { Namespace, PatternElement, ResourcePattern, Template } from '../model/model.ts';
import { elementsOf, patternsOfVariant, variantsOf } from '../model/template-variants.ts';
import type { PermissionNode } from '../syntax/ast.ts';
import { quoteSome } from './quote-some.ts';
import type { Finding } from './reporter.ts';
import { TemplateFinder } from './template-finder.ts';

/** A pattern of ids that a template describes. */
interface ClosedTemplate {
  readonly template: Template;
  /** Its place among the templates of the namespace. */
  readonly index: number;
  readonly pattern: readonly PatternElement[];
}

interface ClosedNamespace {
  readonly namespace: Namespace;
  readonly templates: TemplateFinder<ClosedTemplate>;
}

/** What a closed namespace refuses: ids that no template describes, and actions that none of those which do has. */
export class ClosedNamespaces {
  /** By the first element of their ids; the empty text is that of paths. */
  readonly #closed = new Map<string, ClosedNamespace>();
  readonly #search = new NearNameSearch();

  constructor(namespaces: readonly Namespace[]) {
    for (const namespace of namespaces) {
      if (!namespace.isClosed) continue;
      const closed: ClosedNamespace = { namespace, templates: new TemplateFinder() };
      for (const [index, template] of namespace.templates.entries()) {
        for (const pattern of variantsOf(template.parts).flatMap(patternsOfVariant))
          closed.templates.add(pattern, { template, index, pattern });
      }
      for (const root of namespace.roots) {
        const key = root.kind === 'path' ? '' : root.text;
        if (!this.#closed.has(key)) this.#closed.set(key, closed);
      }
    }
  }

  /** Whether nothing is closed, so that no permission needs to be checked. */
  get isEmpty(): boolean {
    return this.#closed.size === 0;
  }

  /** The findings of one permission, at most one for its resource and one for each action. */
  check(node: PermissionNode, actions: readonly string[], resources: readonly ResourcePattern[]): Finding[] {
    if (this.isEmpty) return [];
    for (const resource of resources) {
      const elements = elementsOf(resource);
      const owner = this.#ownerOf(elements[0]!);
      if (owner === undefined) continue;
      const templates = [...owner.templates.find(elements)]
        .filter(({ pattern }) => canIntersect(elements, pattern))
        .sort((a, b) => a.index - b.index)
        .map(({ template }) => template);
      if (templates.length === 0) return [unknownResource(node, owner.namespace)];
      const findings = this.#unknownActions(node, actions, templates, owner.namespace);
      if (findings.length > 0) return findings;
    }
    return [];
  }

  #ownerOf(first: PatternElement): ClosedNamespace | undefined {
    if (first.kind === 'root') return this.#closed.get('');
    return first.kind === 'literal' ? this.#closed.get(first.text) : undefined;
  }

  #unknownActions(
    node: PermissionNode,
    actions: readonly string[],
    templates: readonly Template[],
    namespace: Namespace,
  ): Finding[] {
    if (templates.some((template) => template.actions === undefined)) return [];
    const known = new Set(templates.flatMap((template) => template.actions ?? []));
    return node.actions.flatMap((name, i) => {
      if (known.has(actions[i]!)) return [];
      const near = this.#search.find(name.text, known, known.size);
      return [
        {
          code: 'P1004' as const,
          span: name.span,
          message: `unknown action \`${name.text}\``,
          label: `not declared in namespace \`${namespace.name}\` for this resource`,
          help:
            near === undefined
              ? `it has ${quoteSome(known)}`
              : `write \`${near}\`, the closest declared action`,
          related: [{ ...templates[0]!.location, text: 'its actions are declared here' }],
        },
      ];
    });
  }
}

function unknownResource(node: PermissionNode, namespace: Namespace): Finding {
  return {
    code: 'P1011',
    span: node.resource.span,
    message: `no resource of the closed namespace \`${namespace.name}\` matches this id`,
    label: `not described in namespace \`${namespace.name}\``,
    help: 'write an id that a template describes, or add a template',
    related: [{ ...namespace.location, text: 'the namespace is declared here' }],
  };
}

/**
 * Whether some id may match both patterns. Says yes where globs or variables make it hard to say: a closed namespace
 * must not refuse what could match.
 */
export function canIntersect(a: readonly PatternElement[], b: readonly PatternElement[]): boolean {
  // reachable[j]: a[0..i) and b[0..j) can have matched the same elements.
  let reachable = new Uint8Array(b.length + 1);
  reachable[0] = 1;
  skipMany(reachable, b);
  for (const element of a) {
    const next = new Uint8Array(b.length + 1);
    for (let j = 0; j <= b.length; j++) {
      if (reachable[j] === 0) continue;
      if (isManyKind(element)) {
        for (let k = j; k <= b.length; k++) {
          next[k] = 1;
          if (k < b.length && !canTake(element, b[k]!)) break;
        }
      } else if (j < b.length) {
        const other = b[j]!;
        if (!isManyKind(other)) next[j + 1]! |= canMeet(element, other) ? 1 : 0;
        else if (canTake(other, element)) next[j] = next[j + 1] = 1;
      }
    }
    skipMany(next, b);
    reachable = next;
  }
  return reachable[b.length] === 1;
}

function skipMany(reachable: Uint8Array, b: readonly PatternElement[]): void {
  for (let j = 0; j < b.length; j++) {
    if (reachable[j] === 1 && isManyKind(b[j]!)) reachable[j + 1] = 1;
  }
}

function isManyKind(element: PatternElement): boolean {
  return element.kind === 'many' || (element.kind === 'variable' && element.isMany);
}

/** What stands behind a slash goes on with slashes alone (S1). */
function canTake(many: PatternElement, element: PatternElement): boolean {
  return many.separator !== 'slash' || element.separator === 'slash' || isManyKind(element);
}

function canMeet(a: PatternElement, b: PatternElement): boolean {
  if (a.kind === 'root' || b.kind === 'root') return a.kind === b.kind && a.separator === b.separator;
  if (a.separator !== b.separator) return false;
  return a.kind !== 'literal' || b.kind !== 'literal' || a.text === b.text;
}
