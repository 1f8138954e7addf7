import { TemplateRanking } from '../../../compile/templates.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type {
  Model,
  PatternElement,
  ResourcePattern,
  Rule,
  Ruleset,
  SubjectPattern,
} from '../../../model/model.ts';
import { elementsOfId } from '../../../model/template-variants.ts';
import type { Location } from '../../../source/span.ts';
import { belowSuffix } from '../acls.ts';
import { prefixOf } from '../entity-meaning.ts';
import { type ListProgram, type ListStep, type Side, sortedSide } from '../list-program.ts';
import { type AclList, aclListByName, aclLists, authorizableEndpoints, resourceKinds } from '../lists.ts';
import { decodePath, encodePath, isLongPath, principalOf } from '../names.ts';

/** The programs of the 54 lists; only where no rule was refused do they say all that the policy does. */
export interface LoweredPolicy {
  readonly programs: readonly ListProgram[];
  readonly refusals: readonly Diagnostic[];
}

/**
 * What a policy set says of Mesos, list by list. Refuses every rule that is about something else, or that speaks of
 * subjects or resources in a way that no entity of ACLs can.
 */
export function lowerPolicy(model: Model): LoweredPolicy {
  return new Lowering(model).lower();
}

/** Leaves the rule in hand; never leaves this module. */
class Refusal extends Error {}

class Lowering {
  readonly #model: Model;
  readonly #templates: TemplateRanking;
  readonly #implied: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #members = new Map<string, readonly SubjectPattern[]>();
  readonly #refusals: Diagnostic[] = [];
  /** Steps of rules outside rulesets, and of each ruleset, by list. */
  readonly #steps = new Map<Ruleset | undefined, Map<AclList, ListStep[]>>();

  constructor(model: Model) {
    this.#model = model;
    this.#templates = new TemplateRanking(model);
    this.#implied = impliedActions(model);
    for (const { name, members } of model.groups) this.#members.set(name, members);
  }

  lower(): LoweredPolicy {
    this.#refuseNamespaces();
    for (const rule of this.#model.rules) {
      this.#trying(rule.location, `rule ${nameOf(rule)}`, () => this.#lowerRule(rule));
    }
    const speaking = new Map(aclLists.map((list): [AclList, Ruleset[]] => [list, []]));
    for (const ruleset of this.#model.rulesets) {
      this.#trying(ruleset.location, `ruleset \`${ruleset.name}\``, () =>
        this.#addSpeaker(ruleset, speaking),
      );
    }
    return {
      programs: aclLists.map((list) => this.#programOf(list, speaking.get(list)!)),
      refusals: this.#refusals,
    };
  }

  #trying(location: Location, subject: string, lower: () => void): void {
    try {
      lower();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#refuse(location, `${subject} ${error.message}`);
    }
  }

  #refuse({ file, span }: Location, message: string, help?: string): void {
    const common = { code: 'P4201', severity: 'error', file, span, message } as const;
    this.#refusals.push(help === undefined ? common : { ...common, help });
  }

  /** A superuser, or a mode in which nothing is checked, has no counterpart. */
  #refuseNamespaces(): void {
    for (const { name, superuser, templates, roots, location } of this.#model.namespaces) {
      if (!roots.some((root) => root.kind === 'segment' && root.text === 'mesos')) continue;
      if (superuser !== undefined)
        this.#refuse(location, `ACLs know no superuser, as namespace \`${name}\` does`);
      if (templates.some(({ enforcedIn }) => enforcedIn !== undefined)) {
        this.#refuse(location, `ACLs know no modes, as the resources of namespace \`${name}\` do`);
      }
    }
  }

  // ---------------------------------------------------------------- rules

  #lowerRule(rule: Rule): void {
    if (rule.condition !== undefined) throw new Refusal('has a condition');
    const principals = this.#lowerSubjects(rule.subjects);
    const ruleset = rule.ruleset === undefined ? undefined : this.#model.rulesets[rule.ruleset]!;
    const spoken = this.#resourcesByList(rule);
    if (spoken.size === 0) {
      throw new Refusal(`is about \`${rule.actions[0]}\`, which is no list of ACLs`);
    }
    for (const [list, resources] of spoken) {
      const objects = this.#lowerResources(resources, list);
      checkObjects(objects, list);
      if (principals.length === 0) continue;
      this.#addStep(ruleset, list, { effect: rule.effect, principals, objects, rule });
    }
  }

  /** The lists that the rule speaks of, each with the resources on which it does. */
  #resourcesByList(rule: Rule): ReadonlyMap<AclList, readonly ResourcePattern[]> {
    const byList = new Map<AclList, ResourcePattern[]>();
    for (const resource of rule.resources) {
      for (const action of this.#actionsOf(rule, resource)) {
        const list = aclListByName.get(action);
        if (list === undefined) continue;
        const resources = byList.get(list);
        if (resources === undefined) byList.set(list, [resource]);
        else resources.push(resource);
      }
    }
    return byList;
  }

  #addStep(ruleset: Ruleset | undefined, list: AclList, step: ListStep): void {
    let lists = this.#steps.get(ruleset);
    if (lists === undefined) {
      lists = new Map();
      this.#steps.set(ruleset, lists);
    }
    const steps = lists.get(list);
    if (steps === undefined) lists.set(list, [step]);
    else steps.push(step);
  }

  /**
   * S13: an allow holds for what its actions imply; a deny also for what implies them. S14: on an id whose template lacks
   * an action, that implies only what the template lists.
   */
  #actionsOf({ actions, effect }: Rule, resource: ResourcePattern): ReadonlySet<string> {
    const found = new Set(actions);
    const isAllow = effect === 'allow';
    const template =
      resource.kind === 'literal' ? this.#templates.templateOf(resource.id)?.template : undefined;
    const listed = isAllow ? template?.actions : undefined;
    for (const action of actions) {
      const isLimited = listed !== undefined && !listed.includes(action);
      for (const implied of this.#implied.get(action) ?? []) {
        if (!isLimited || listed.includes(implied)) found.add(implied);
      }
      if (isAllow) continue;
      for (const [implier, implied] of this.#implied) if (implied.has(action)) found.add(implier);
    }
    return found;
  }

  #lowerSubjects(subjects: readonly SubjectPattern[]): Side {
    const values: string[] = [];
    for (const subject of this.#withMembers(subjects)) {
      if (subject.kind === 'anyone') return 'any';
      if (subject.kind === 'authenticated') {
        throw new Refusal('speaks of `authenticated`: ACLs cannot tell a given principal from none');
      }
      const id = subject.kind === 'subject' ? subject.id : undefined;
      if (id === undefined)
        throw new Refusal('speaks of a pattern of subjects: ACLs list principals one by one');
      const value = principalOf(id);
      if (value === undefined)
        throw new Refusal(`speaks of \`${id}\`: who asks Mesos is a \`principal:NAME\``);
      values.push(value);
    }
    return sortedSide(values);
  }

  /** Groups are not cyclic (P1007). */
  *#withMembers(subjects: readonly SubjectPattern[]): Iterable<SubjectPattern> {
    for (const subject of subjects) {
      if (subject.kind === 'group') yield* this.#withMembers(this.#members.get(subject.name) ?? []);
      else yield subject;
    }
  }

  #lowerResources(resources: readonly ResourcePattern[], list: AclList): Side {
    const values: string[] = [];
    for (const resource of resources) {
      const objects = this.#lowerResource(resource, list);
      if (objects === 'any') return 'any';
      values.push(...objects);
    }
    return sortedSide(values);
  }

  #lowerResource(resource: ResourcePattern, list: AclList): Side {
    const base = baseOf(list);
    if (resource.kind === 'literal' && resource.id === base) {
      if (list.match === 'any' || this.#coversEvery(base)) return 'any';
      throw new Refusal(`speaks of \`${base}\` alone: write \`${base}:**\` for every one`);
    }
    const coverage = resource.kind === 'literal' ? this.#templates.coverageOf(resource.id) : undefined;
    if (coverage?.pieceSeparator !== undefined) throw new Refusal(notSayable(resource, list));
    const patterns = coverage?.patterns ?? [
      resource.kind === 'literal' ? elementsOfId(resource.id) : resource.elements,
    ];
    const sides = patterns.map((elements) => lowerElements(elements, list));
    if (sides.includes('any')) return 'any';
    if (sides.includes(undefined)) throw new Refusal(notSayable(resource, list));
    return sortedSide((sides as string[][]).flat());
  }

  /** Whether a rule on `mesos:user` speaks of every user, as the catalogue's template makes it. */
  #coversEvery(base: string): boolean {
    const patterns = this.#templates.coverageOf(base)?.patterns ?? [];
    const shapes = patterns.map((elements) =>
      elements
        .slice(2)
        .map((element) => element.kind)
        .join(' '),
    );
    return shapes.includes('one many') && shapes.includes('root many');
  }

  // ---------------------------------------------------------------- rulesets

  #addSpeaker(ruleset: Ruleset, speaking: ReadonlyMap<AclList, Ruleset[]>): void {
    if (ruleset.scopes.length === 0) {
      for (const rulesets of speaking.values()) rulesets.push(ruleset);
      return;
    }
    for (const { actions, resources } of ruleset.scopes) {
      for (const action of actions) {
        const list = aclListByName.get(action);
        if (list === undefined) throw new Refusal(`has a scope on \`${action}\`, which is no list of ACLs`);
        if (this.#lowerResources(resources, list) !== 'any') {
          throw new Refusal(`speaks of a part of \`${action}\`: its scope must be \`${baseOf(list)}:**\``);
        }
        if (!speaking.get(list)!.includes(ruleset)) speaking.get(list)!.push(ruleset);
      }
    }
  }

  /**
   * One program out of the rules outside rulesets and of at most one ruleset (S17, S18): a deny of either wins, and an allow
   * outside counts where the ruleset says nothing.
   */
  #programOf(list: AclList, rulesets: readonly Ruleset[]): ListProgram {
    const outside = this.#steps.get(undefined)?.get(list) ?? [];
    const outsideAllows = outside.filter(({ effect }) => effect === 'allow');
    const outsideDenies = outside.filter(({ effect }) => effect === 'deny');
    const speakers = rulesets.filter(
      (ruleset) => ruleset.default !== 'none' || this.#steps.get(ruleset)?.has(list) === true,
    );
    const [ruleset, other] = speakers;
    if (other !== undefined) {
      const message = `ruleset \`${other.name}\` speaks of \`${list.name}\` as well as \`${ruleset!.name}\``;
      this.#refuse(other.location, message, 'let one ruleset speak of a list');
    }
    if (ruleset === undefined) return { list, steps: [...outsideDenies, ...outsideAllows], fallback: 'deny' };
    const inside = this.#steps.get(ruleset)?.get(list) ?? [];
    const ordered = ruleset.combining === 'first-applicable' ? inside : denyFirst(inside);
    const isSilent = ruleset.default === 'none';
    return {
      list,
      steps: [...outsideDenies, ...ordered, ...(isSilent ? outsideAllows : [])],
      fallback: ruleset.default === 'allow' ? 'allow' : 'deny',
    };
  }
}

function denyFirst(steps: readonly ListStep[]): ListStep[] {
  return [
    ...steps.filter(({ effect }) => effect === 'deny'),
    ...steps.filter(({ effect }) => effect === 'allow'),
  ];
}

function baseOf({ objectField }: AclList): string {
  return `mesos:${resourceKinds[objectField]}`;
}

function nameOf({ id, location, line }: Rule): string {
  return id === undefined ? `at ${location.file}:${line}` : `\`${id}\``;
}

function notSayable(resource: ResourcePattern, list: AclList): string {
  const text = resource.kind === 'literal' ? resource.id : resource.text;
  const base = baseOf(list);
  const below = list.match === 'role' ? `, \`${base}:a/*/**\`` : '';
  const one = list.match === 'any' ? `\`${base}\`` : `\`${base}:VALUE\`${below}`;
  return `speaks of \`${text}\`: \`${list.name}\` takes ${one} and \`${base}:**\``;
}

/** The values of a pattern; undefined for a pattern that no entity says. */
function lowerElements(elements: readonly PatternElement[], list: AclList): Side | undefined {
  const side = readElements(elements, list);
  if (side !== undefined && side !== 'any' && side.some((value) => isTooLong(value, list)))
    throw new Refusal('speaks of an object of more than 4,000 characters or 240 pieces');
  return side;
}

/** An id may say it, but what Mesos asks for has another name by then. */
function isTooLong(value: string, { match }: AclList): boolean {
  return isLongPath(encodePath(prefixOf(value, match) ?? value));
}

function readElements(elements: readonly PatternElement[], list: AclList): Side | undefined {
  const kinds = elements.map(({ kind }) => kind).join(' ');
  if (kinds === 'many') return 'any';
  const [mesos, kind, ...rest] = elements;
  if (!isLiteral(mesos, 'mesos')) return undefined;
  if (kinds === 'literal many' && kind!.separator === 'colon') return 'any';
  if (!isLiteral(kind, resourceKinds[list.objectField]) || rest.length === 0) return undefined;
  if (rest.length === 1 && rest[0]!.kind === 'many')
    return rest[0]!.separator === 'colon' ? 'any' : undefined;
  // Nobody asks such a list about a value.
  if (list.match === 'any') return undefined;
  const wild = rest.findIndex((element) => element.kind !== 'literal' && element.kind !== 'root');
  const literal = wild < 0 ? rest : rest.slice(0, wild);
  const isRoot = literal.length === 1 && literal[0]!.kind === 'root';
  const value = decodeElements(literal);
  if (value === undefined && !isRoot) return undefined;
  if (wild < 0) return value === undefined || isBelow(value, list) ? undefined : [value];
  // No name begins with that of the empty role: what is below a slash is below the root.
  if (list.match !== 'role' || value === '') return undefined;
  const tail = rest
    .slice(wild)
    .map((element) => `${element.separator} ${element.kind}`)
    .join(', ');
  const below = isRoot ? belowSuffix : value + belowSuffix;
  if (tail === 'slash one, slash many' || (isRoot && tail === 'slash many')) return [below];
  return tail === 'slash many' && !isBelow(value!, list) ? [value!, below] : undefined;
}

/** A role that ends like a `/%` value: listing it would say another thing. */
function isBelow(value: string, { match }: AclList): boolean {
  return match === 'role' && value.endsWith(belowSuffix);
}

function isLiteral(element: PatternElement | undefined, text: string): boolean {
  return element?.kind === 'literal' && element.text === text;
}

/** The value that a row of literal segments stands for; none for the root alone. */
function decodeElements(elements: readonly PatternElement[]): string | undefined {
  const [first, ...rest] = elements;
  if (first?.separator !== 'colon' || rest.some(({ separator }) => separator !== 'slash')) return undefined;
  if (first.kind === 'root' && rest.length === 0) return undefined;
  return decodePath(elements.map((element) => (element.kind === 'literal' ? element.text : '')).join('/'));
}

function checkObjects(objects: Side, list: AclList): void {
  if (objects === 'any' || list.check !== 'endpoints') return;
  const wrong = objects.find((path) => !authorizableEndpoints.includes(path));
  if (wrong !== undefined)
    throw new Refusal(`speaks of \`${wrong}\`, which is no endpoint that can be authorized`);
}

/** S14: for each action those that it implies, itself left out, in the namespace of Mesos. */
function impliedActions(model: Model): Map<string, Set<string>> {
  const namespaces = model.namespaces.filter(({ roots }) =>
    roots.some((root) => root.kind === 'segment' && root.text === 'mesos'),
  );
  const direct = new Map<string, string[]>();
  for (const { action, implies } of [
    ...model.implications,
    ...namespaces.flatMap((namespace) => namespace.implications),
  ]) {
    direct.set(action, [...(direct.get(action) ?? []), ...implies]);
  }
  const closure = new Map<string, Set<string>>();
  for (const action of direct.keys()) {
    const reached = new Set(direct.get(action));
    for (const implied of reached) for (const next of direct.get(implied) ?? []) reached.add(next);
    closure.set(action, reached);
  }
  return closure;
}
