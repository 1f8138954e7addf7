import { explore } from '../../analysis/explore.ts';
import { type Letter, lettersOfId } from '../../analysis/letters.ts';
import { ownersOf, PatternTrie } from '../../analysis/pattern-trie.ts';
import { Schema } from '../../analysis/schema.ts';
import { hasVariable, Subjects } from '../../analysis/subjects.ts';
import type {
  Model,
  Namespace,
  PathPattern,
  ResourcePattern,
  Rule,
  SubjectPattern,
  Template,
} from '../../model/model.ts';
import { variantsOf } from '../../model/template-variants.ts';

const known = new WeakMap<Model, PolicyFacts>();

/** What several rules of the linter ask of one policy set; built once for all of them. */
export function factsOf(model: Model): PolicyFacts {
  let facts = known.get(model);
  if (facts === undefined) {
    facts = new PolicyFacts(model);
    known.set(model, facts);
  }
  return facts;
}

const none: readonly Template[] = [];
const segments = /[^:/]+/g;
/** No id has it, so that it is no word of a template. */
const anyWord = '\u0000';

export class PolicyFacts {
  readonly model: Model;
  readonly schema: Schema;
  readonly subjects: Subjects;
  readonly #tries = new WeakMap<PathPattern, PatternTrie>();
  /** What the templates name. */
  readonly #words: ReadonlySet<string>;
  /** By shape. */
  readonly #described = new Map<string, readonly Template[]>();
  readonly #asked = new Map<string, ReadonlySet<string>>();
  readonly #speaking = new Map<string, readonly Rule[]>();
  readonly #covering = new Map<string, readonly Rule[]>();
  readonly #places = new Map<Rule, number>();

  constructor(model: Model) {
    this.model = model;
    this.schema = new Schema(model);
    this.subjects = new Subjects(model);
    this.#words = new Set(model.namespaces.flatMap(({ templates }) => templates.flatMap(wordsOf)));
    for (const [i, rule] of model.rules.entries()) this.#places.set(rule, i);
  }

  /** The namespace of all ids that a pattern matches; undefined if it begins with a wildcard or there is none (S31). */
  namespaceOf(resource: ResourcePattern): Namespace | undefined {
    return this.schema.namespaceAt(this.#namespaceIndex(resource));
  }

  #namespaceIndex(resource: ResourcePattern): number | undefined {
    const first = firstOf(resource);
    return first === undefined ? undefined : this.schema.namespaceOf({ separator: 'start', text: first });
  }

  /** The template of a literal id (S32), or every template that describes an id which the pattern matches. */
  templatesOf(resource: ResourcePattern): readonly Template[] {
    const shape = this.#shapeOf(resource);
    let templates = this.#described.get(shape);
    if (templates === undefined) {
      templates =
        resource.kind === 'literal' ? this.#findDescribing(resource.id) : this.#findOverlapping(resource);
      this.#described.set(shape, templates);
    }
    return templates;
  }

  /** One text for all resources that templates cannot tell apart: a segment that none of them names is like any other. */
  #shapeOf(resource: ResourcePattern): string {
    if (resource.kind === 'literal')
      return resource.id.replace(segments, (text) => (this.#words.has(text) ? text : anyWord));
    const elements = resource.elements.map((element) =>
      element.kind === 'literal' && !this.#words.has(element.text) ? { ...element, text: anyWord } : element,
    );
    return JSON.stringify(elements);
  }

  #findDescribing(id: string): readonly Template[] {
    const template = this.schema.templateOf(id);
    return template === undefined ? none : [template];
  }

  #findOverlapping(pattern: PathPattern): readonly Template[] {
    const found = new Set<Template>();
    explore(this.#trieOf(pattern), [this.schema.templateTrie], ({ inOthers }) => {
      const template = this.schema.templateAt(inOthers[0]!);
      if (template !== undefined) found.add(template);
      return false;
    });
    return [...found];
  }

  #trieOf(pattern: PathPattern): PatternTrie {
    let trie = this.#tries.get(pattern);
    if (trie === undefined) {
      trie = new PatternTrie();
      trie.add(pattern.elements, 0);
      this.#tries.set(pattern, trie);
    }
    return trie;
  }

  /** Whether a rule on the resource covers the id (S30). A pattern with a shared variable covers none. */
  covers(resource: ResourcePattern, id: string): boolean {
    if (resource.kind === 'pattern') {
      const letters = lettersOfId(id);
      return (
        beginsLike(resource, letters) &&
        !hasVariable(resource) &&
        ownersOf(this.#trieOf(resource), letters).length > 0
      );
    }
    if (resource.id === id) return true;
    // What a template adds begins with the text of the id.
    if (!id.startsWith(resource.id)) return false;
    const trie = new PatternTrie();
    for (const elements of this.schema.coverageOf(resource).patterns) trie.add(elements, 0);
    return ownersOf(trie, lettersOfId(id)).length > 0;
  }

  /** The actions of requests that a rule matches with one of its resources (S13, S14). */
  actionsOn(rule: Pick<Rule, 'effect' | 'actions'>, resource: ResourcePattern): ReadonlySet<string> {
    const [template] = resource.kind === 'literal' ? this.templatesOf(resource) : none;
    const namespace = this.#namespaceIndex(resource);
    const key = [rule.effect, namespace ?? '', template?.text ?? '', ...rule.actions].join('\n');
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      const listed = template?.actions;
      asked = this.schema.askedBy(rule, listed === undefined ? {} : { listed }, namespace);
      this.#asked.set(key, asked);
    }
    return asked;
  }

  /** The resource by which a rule speaks of an action on an id, its condition left aside. */
  resourceFor(rule: Rule, action: string, id: string): ResourcePattern | undefined {
    return rule.resources.find(
      (resource) => this.covers(resource, id) && this.actionsOn(rule, resource).has(action),
    );
  }

  /** The rules that speak of an action on an id, in source order. */
  rulesOn(action: string, id: string): readonly Rule[] {
    const key = `${action} ${id}`;
    let rules = this.#speaking.get(key);
    if (rules === undefined) {
      rules = this.#rulesCovering(id).filter((rule) => this.resourceFor(rule, action, id) !== undefined);
      this.#speaking.set(key, rules);
    }
    return rules;
  }

  #rulesCovering(id: string): readonly Rule[] {
    let rules = this.#covering.get(id);
    if (rules === undefined) {
      rules = this.model.rules.filter(({ resources }) => resources.some((each) => this.covers(each, id)));
      this.#covering.set(id, rules);
    }
    return rules;
  }

  /** Whether a rule without a condition denies the subject all that the allow gives it there. */
  isDenied(allow: Rule, subject: SubjectPattern, action: string, id: string): boolean {
    return this.rulesOn(action, id).some(
      (rule) =>
        rule.effect === 'deny' &&
        rule.condition === undefined &&
        this.#overrides(rule, allow) &&
        rule.subjects.some((each) => this.subjects.includes(each, subject)),
    );
  }

  /** A deny wins over any allow but where the first rule that applies decides (S11, S17). */
  #overrides(deny: Rule, allow: Rule): boolean {
    const ruleset = deny.ruleset === undefined ? undefined : this.model.rulesets[deny.ruleset]!;
    if (ruleset?.combining !== 'first-applicable')
      return ruleset === undefined || ruleset.scopes.length === 0;
    return deny.ruleset === allow.ruleset && this.#places.get(deny)! < this.#places.get(allow)!;
  }

  /** The subjects to whom an allow gives an action on an id, denies counted in. */
  allowedSubjects(allow: Rule, action: string, id: string): readonly SubjectPattern[] {
    return allow.subjects.filter((subject) => !this.isDenied(allow, subject, action, id));
  }
}

/** The first segment of all ids that a pattern matches, empty for a root; undefined if a wildcard stands there. */
function firstOf(resource: ResourcePattern): string | undefined {
  if (resource.kind === 'literal') return /^[^:/]*/.exec(resource.id)![0];
  const [first] = resource.elements;
  return first?.kind === 'literal' ? first.text : first?.kind === 'root' ? '' : undefined;
}

/** Whether the elements before the first wildcard are those of the id: most patterns are told from it by that. */
function beginsLike({ elements }: PathPattern, letters: readonly Letter[]): boolean {
  for (const [i, element] of elements.entries()) {
    if (element.kind !== 'literal' && element.kind !== 'root') return true;
    const text = element.kind === 'literal' ? element.text : '';
    if (letters[i]?.text !== text) return false;
  }
  return elements.length === letters.length;
}

function wordsOf({ parts }: Template): string[] {
  const tokens = variantsOf(parts).at(-1)!;
  return tokens.flatMap((token) => (token.kind === 'literal' ? [token.text] : []));
}
