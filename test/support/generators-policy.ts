import { scanId } from '../../src/id/check-id.ts';
import { IdElements } from '../../src/id/elements.ts';
import { FAULT_NONE } from '../../src/id/faults.ts';
import type { Source } from '../../src/source/source.ts';
import {
  type ConditionWorld,
  generateAttributes,
  writeCondition,
  writeData,
} from './generators-conditions.ts';
import {
  type IdShape,
  joinShape,
  literalShape,
  ODD_SEGMENTS,
  type Part,
  perturb,
  quoteSomehow,
  readShape,
  SEGMENTS,
  type Shape,
  writeShape,
  writeText,
} from './generators-ids.ts';
import { Random } from './generators-random.ts';
import { inventRoutes, type RouteSketch } from './generators-routes.ts';
import { fillTemplate, generateTemplate, type TemplateRow, writeTemplate } from './generators-templates.ts';

/** Policy text, and what of it a request generator has use for. */
export interface GeneratedPolicy {
  readonly sources: readonly Source[];
  readonly world: World;
  readonly rules: readonly RuleSketch[];
  readonly namespaces: readonly NamespaceSketch[];
  readonly routes: readonly RouteSketch[];
}

/** The small alphabets of one policy. */
export interface World extends ConditionWorld {
  readonly segments: readonly string[];
  /** Members by group, groups among them as `group:h`. */
  readonly members: ReadonlyMap<string, readonly SubjectSketch[]>;
}

export type SubjectSketch =
  | { readonly kind: 'anyone' | 'authenticated' }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'shape'; readonly shape: Shape };

export interface RuleSketch {
  readonly effect: 'allow' | 'deny';
  readonly subjects: readonly SubjectSketch[];
  readonly actions: readonly string[];
  readonly resource: Shape;
}

export interface NamespaceSketch {
  readonly root: string;
  readonly templates: readonly TemplateRow[];
  readonly superuser: string | undefined;
}

const ACTIONS = [
  'create',
  'read',
  'update',
  'delete',
  'full',
  'run_tasks',
  'constructor',
  'odd action',
  'READ',
];
const GROUPS = ['ops', 'sre', 'dev', 'constructor', '__proto__', 'two words', '*', 'é'];
const NAMES = [
  'alice',
  'bob',
  'dev',
  'dev-1',
  'a',
  'b',
  '*',
  '#',
  'ANY',
  '__proto__',
  'toString',
  'eve smith',
  'é',
];
/** Well-formed as subjects, not as resources: no pattern matches them. */
const UNRULY_SUBJECTS = [
  'user:a//b',
  'user:..',
  'user:x\\y',
  'user:%41',
  'user:a/',
  'user:a/b:c',
  'service:/a/../b',
];
const MODES = ['strict', 'permissive', 'disabled'];

export function generatePolicy(seed: number): GeneratedPolicy {
  return new PolicyWriter(new Random(seed)).write();
}

/** Writes one policy set, statement by statement. */
class PolicyWriter {
  readonly #random: Random;
  readonly #segments: readonly string[];
  readonly #rules: RuleSketch[] = [];
  readonly #statements: string[] = [];
  #namespaces: readonly NamespaceSketch[] = [];
  #members: ReadonlyMap<string, readonly SubjectSketch[]> = new Map();
  #subjects: readonly string[] = [];
  #resources: readonly string[] = [];
  #actions: readonly string[] = [];
  #ruleCount = 0;
  /** More of everything than the small tables of an index are made for. */
  readonly #isCrowded: boolean;

  constructor(random: Random) {
    this.#random = random;
    this.#isCrowded = random.chance(0.03);
    const odd = random.chance(0.4) ? random.sample(ODD_SEGMENTS, 1) : [];
    this.#segments = [...random.sample(SEGMENTS, random.between(2, 4)), ...odd];
  }

  write(): GeneratedPolicy {
    const random = this.#random;
    const more = this.#isCrowded ? random.times(random.between(20, 80), (index) => `act-${index}`) : [];
    this.#actions = [...random.sample(ACTIONS, random.between(2, 5)), ...more];
    this.#subjects = this.#inventSubjects();
    const roots = random.sample(['n', 'dcos', random.pick(SEGMENTS)], random.pick([0, 0, 1, 1, 2]));
    this.#namespaces = roots.map((root, index) => this.#writeNamespace(root, index === 0));
    this.#resources = this.#inventResources();
    this.#members = this.#writeGroups();
    this.#writeImplications();
    for (let i = this.#isCrowded ? random.between(40, 90) : random.between(2, 9); i > 0; i--)
      this.#writeRule();
    if (random.chance(0.3)) this.#writeRole();
    for (let i = this.#isCrowded ? random.below(14) : random.pick([0, 0, 0, 1, 1, 2]); i > 0; i--)
      this.#writeRuleset(i);
    this.#writeSuperusers();
    this.#writeEntities();
    const routes = random.chance(0.15)
      ? inventRoutes(random, this.#actions, [...roots, ...this.#segments.slice(0, 1)])
      : [];
    this.#statements.push(...routes.map((route) => route.text));
    const world = {
      groups: [...this.#members.keys()],
      subjects: this.#subjects,
      resources: this.#resources,
      actions: this.#actions,
      segments: this.#segments,
      members: this.#members,
    };
    return { sources: this.#intoFiles(), world, rules: this.#rules, namespaces: this.#namespaces, routes };
  }

  get #conditionWorld(): ConditionWorld {
    const groups = [...this.#members.keys()];
    return { groups, subjects: this.#subjects, resources: this.#resources, actions: this.#actions };
  }

  #intoFiles(): Source[] {
    const random = this.#random;
    const files = random.sample(['b.acl', 'a.acl', 'a/z.acl', 'a-b.acl'], random.pick([1, 1, 1, 2, 3]));
    const statements = random.chance(0.5) ? this.#statements : random.shuffle(this.#statements);
    return files.map((file, index) => {
      const own = statements.filter((_, at) => at % files.length === index);
      return { file, text: `${own.join('\n')}\n` };
    });
  }

  // -------------------------------------------------------------- names

  #inventSubjects(): string[] {
    const random = this.#random;
    const users = random.sample(NAMES, random.between(2, 4)).map((name) => `user:${name}`);
    const services = random.times(2, () => `service:/${this.#somePath(random.between(1, 3)).join('/')}`);
    const unruly = random.chance(0.2) ? [random.pick(UNRULY_SUBJECTS)] : [];
    return [
      ...users,
      ...services,
      ...unruly,
      `${random.pick(this.#segments)}:${random.pick(this.#segments)}`,
    ];
  }

  #somePath(length: number): string[] {
    return this.#random.times(length, () => this.#random.pick(this.#segments));
  }

  /** A family of ids: each is one of the others, changed in one place. */
  #inventResources(): string[] {
    const random = this.#random;
    const ids = [joinShape(this.#inventId())];
    const size = this.#isCrowded ? 3 : random.between(3, 7);
    while (ids.length < size) ids.push(perturb(random.pick(ids), random, this.#segments));
    return ids;
  }

  #inventId(): IdShape {
    const random = this.#random;
    const depth = random.chance(0.4) ? random.between(4, 6) : random.between(1, 4);
    const split = random.pick([0, 1, 1, 2, depth]);
    const root =
      this.#namespaces.length > 0 && random.chance(0.4) ? [random.pick(this.#namespaces).root] : [];
    const colons = [...root, ...this.#somePath(Math.min(split, depth))];
    const slashes = this.#somePath(depth - Math.min(split, depth));
    return { colons, hasRoot: colons.length === 0 || (slashes.length > 0 && random.chance(0.6)), slashes };
  }

  // -------------------------------------------------------------- declarations

  /** Later groups may be members of earlier ones, so that there is no cycle. */
  #writeGroups(): ReadonlyMap<string, readonly SubjectSketch[]> {
    const random = this.#random;
    const more = this.#isCrowded ? random.times(random.between(10, 30), (index) => `g${index}`) : [];
    const names = [...random.sample(GROUPS, random.between(1, 4)), ...more];
    const groups = names.map((name, index): [string, SubjectSketch[]] => {
      const members = random.times(random.between(1, 3), () => this.#someMember(names.slice(index + 1)));
      this.#statements.push(
        `group ${this.#name(name)} { ${members.map((each) => this.#subject(each)).join(', ')} }`,
      );
      return [name, members];
    });
    return new Map(groups);
  }

  #someMember(laterGroups: readonly string[]): SubjectSketch {
    const random = this.#random;
    if (laterGroups.length > 0 && random.chance(0.4))
      return { kind: 'group', name: random.pick(laterGroups) };
    if (random.chance(0.25)) return { kind: 'shape', shape: this.#someSubjectShape([]) };
    return { kind: 'id', id: random.pick(this.#subjects) };
  }

  #writeImplications(): void {
    const random = this.#random;
    for (let i = random.pick([0, 0, 1, 2]); i > 0; i--) this.#statements.push(this.#implication());
  }

  #implication(): string {
    const [action, ...implied] = this.#random.sample(this.#actions, this.#random.between(2, 3));
    return `action ${this.#name(action!)} implies ${implied.map((each) => this.#name(each)).join(', ')}`;
  }

  #writeNamespace(root: string, mayBeginWithSlash: boolean): NamespaceSketch {
    const random = this.#random;
    const plain = this.#segments.filter((segment) => SEGMENTS.includes(segment));
    const templates = new Map<string, TemplateRow>();
    for (let i = random.between(0, 5); i > 0; i--) {
      const template = generateTemplate(random, root, plain);
      const text = writeTemplate(template);
      if (mayBeginWithSlash || !text.startsWith('/')) templates.set(text, template);
    }
    const lines = [...templates.keys()].map((text) => `  resource ${text} { ${this.#templateBody()} }`);
    if (random.chance(0.4)) lines.push(`  ${this.#implication()}`);
    const superuser = random.chance(0.4)
      ? this.#superuserOf(root, [...templates.values()], plain)
      : undefined;
    if (superuser !== undefined) lines.push(`  superuser ${writeText(superuser, random)}`);
    this.#statements.push([`namespace ${root} {`, ...random.shuffle(lines), '}'].join('\n'));
    return { root, templates: [...templates.values()], superuser };
  }

  #superuserOf(root: string, templates: readonly TemplateRow[], segments: readonly string[]): string {
    if (templates.length === 0 || this.#random.chance(0.5)) return `${root}:superuser`;
    return fillTemplate(this.#random.pick(templates), this.#random.below(3), this.#random, segments);
  }

  #templateBody(): string {
    const random = this.#random;
    const actions = random.sample(this.#actions, random.between(1, 4)).map((each) => this.#name(each));
    const modes = random
      .sample(MODES, random.between(1, 2))
      .map((mode) => mode + (random.chance(0.3) ? '(authenticated)' : ''));
    const listed = random.chance(0.75) ? [`actions ${actions.join(', ')}`] : [];
    return [...listed, ...(random.chance(0.4) ? [`enforced in ${modes.join(', ')}`] : [])].join('  ');
  }

  #writeEntities(): void {
    const random = this.#random;
    const ids = [
      ...this.#subjects,
      ...this.#resources,
      ...this.#actions.filter((action) => !action.includes(' ')),
      // A subject may have a name that no entity may: entities are held to the rules for resources.
    ].filter((id) => scanId(id, new IdElements()) === FAULT_NONE);
    const chosen = new Set(random.sample(ids, random.below(4)));
    for (const id of chosen) {
      this.#statements.push(`entity ${writeText(id, random)} ${writeData(generateAttributes(random))}`);
    }
  }

  // -------------------------------------------------------------- rules

  #writeRule(): void {
    const random = this.#random;
    const effect = random.chance(0.25) ? 'deny' : 'allow';
    const annotation = random.chance(0.15) ? `@id("rule ${++this.#ruleCount}")\n` : '';
    if (annotation === '' && random.chance(0.15)) this.#statements.push(this.#block(effect));
    else this.#statements.push(annotation + this.#line(effect));
  }

  #line(effect: RuleSketch['effect']): string {
    const rule = this.#sketch(effect);
    const subjects = rule.subjects.map((subject) => this.#subject(subject)).join(', ');
    return `${effect} ${subjects} to ${this.#permission(rule)}`;
  }

  #block(effect: RuleSketch['effect']): string {
    const first = this.#sketch(effect);
    const subjects = first.subjects.map((subject) => this.#subject(subject)).join(', ');
    const others = this.#random.times(this.#random.between(1, 2), () => this.#sketch(effect, first.subjects));
    const lines = [first, ...others].map((rule) => `  ${this.#permission(rule)}`);
    return [`${effect} ${subjects} {`, ...lines, '}'].join('\n');
  }

  #permission({ actions, resource }: RuleSketch): string {
    const random = this.#random;
    const names = actions.map((action) => this.#name(action)).join(', ');
    return `${names} on ${writeShape(resource, random)}${this.#conditions()}`;
  }

  #conditions(): string {
    const random = this.#random;
    const world = this.#conditionWorld;
    const when = random.chance(0.18) ? ` when ${writeCondition(random, world)}` : '';
    return when + (random.chance(0.07) ? ` unless ${writeCondition(random, world)}` : '');
  }

  #sketch(effect: RuleSketch['effect'], given?: readonly SubjectSketch[]): RuleSketch {
    const random = this.#random;
    const variables = random.chance(0.2) ? random.sample(['x', 'y', 'space'], random.between(1, 2)) : [];
    const subjects = given ?? random.times(random.pick([1, 1, 2]), () => this.#someSubject(variables));
    const actions = random.sample(this.#actions, random.pick([1, 1, 1, 2]));
    const rule: RuleSketch =
      given === undefined && random.chance(0.06)
        ? { effect, subjects: [{ kind: 'shape', shape: SPACE }], actions, resource: this.#spaceResource() }
        : { effect, subjects, actions, resource: this.#someResource(variables) };
    this.#rules.push(rule);
    return rule;
  }

  /** What a service reads of its own space: what is directly in it, or in what is named by it. */
  #spaceResource(): Shape {
    const { colons } = readShape(this.#random.pick(this.#resources));
    const tail = this.#random.pick<readonly Part[]>([[{ kind: 'one' }], [{ kind: 'many' }], []]);
    return {
      colons: colons.map((text): Part => ({ kind: 'literal', text })),
      hasRoot: true,
      slashes: [SPACE_VARIABLE, ...tail],
    };
  }

  #someSubject(variables: readonly string[]): SubjectSketch {
    const random = this.#random;
    if (variables.length > 0 && random.chance(0.8))
      return { kind: 'shape', shape: this.#someSubjectShape(variables) };
    const choice = random.next();
    if (choice < 0.12) return { kind: 'anyone' };
    if (choice < 0.22) return { kind: 'authenticated' };
    if (choice < 0.5) return { kind: 'group', name: random.pick([...this.#members.keys()]) };
    if (choice < 0.75) return { kind: 'id', id: random.pick(this.#subjects) };
    return { kind: 'shape', shape: this.#someSubjectShape([]) };
  }

  #someSubjectShape(variables: readonly string[]): Shape {
    const random = this.#random;
    const wild = (): Part => this.#wildPart(variables);
    const literal = (text: string): Part => ({ kind: 'literal', text });
    return random.pick<Shape>([
      { colons: [literal('user'), wild()], hasRoot: false, slashes: [] },
      { colons: [literal(random.pick(['user', 'service'])), wild()], hasRoot: false, slashes: [] },
      {
        colons: [literal('service')],
        hasRoot: true,
        slashes: [wild(), ...random.sample([wild(), literal(random.pick(this.#segments))], 1)],
      },
      { colons: [literal('service')], hasRoot: true, slashes: [wild()] },
      { colons: [wild(), literal(random.pick(this.#segments))], hasRoot: false, slashes: [] },
      { colons: [{ kind: 'many' }], hasRoot: random.chance(0.5), slashes: [wild()] },
    ]);
  }

  #someResource(variables: readonly string[]): Shape {
    const random = this.#random;
    const templates = this.#namespaces.flatMap((namespace) => namespace.templates);
    if (templates.length > 0 && random.chance(0.35)) {
      const id = fillTemplate(random.pick(templates), random.below(3), random, this.#segments);
      return this.#withWildcards(literalShape(readShape(id)), variables, random.chance(0.25) ? 0.3 : 0);
    }
    if (random.chance(0.05)) return { colons: [{ kind: 'many' }], hasRoot: false, slashes: [] };
    const id = literalShape(readShape(random.pick(this.#resources)));
    return this.#withWildcards(id, variables, random.pick([0, 0.25, 0.5]));
  }

  /** The shape with some of its segments turned into wildcards, and sometimes one more at its end. */
  #withWildcards(shape: Shape, variables: readonly string[], share: number): Shape {
    const random = this.#random;
    const changeWith =
      (separator: ':' | '/') =>
      (part: Part): Part =>
        random.chance(share) ? this.#wildPart(variables, separator) : part;
    const needed = variables.filter(() => random.chance(0.85)).map((name) => this.#variable([name]));
    const tail = [...needed, ...(share > 0 && random.chance(0.35) ? [this.#wildPart(variables)] : [])];
    const colons = shape.colons.map(changeWith(':'));
    const slashes = shape.slashes.map(changeWith('/'));
    if (shape.hasRoot || slashes.length > 0 || random.chance(0.3)) {
      return { colons, hasRoot: shape.hasRoot || colons.length === 0, slashes: [...slashes, ...tail] };
    }
    return { colons: [...colons, ...tail], hasRoot: random.chance(0.05), slashes };
  }

  #wildPart(variables: readonly string[], separator: ':' | '/' = ':'): Part {
    const random = this.#random;
    if (variables.length > 0 && random.chance(0.6)) return this.#variable(variables);
    const choice = random.next();
    if (choice < 0.35) return { kind: 'one' };
    if (choice < 0.65) return { kind: 'many' };
    if (choice < 0.85) return { kind: 'glob', pieces: random.pick(GLOBS) };
    return random.pick(separator === '/' ? [...BRACES, ...SLASH_BRACES] : BRACES);
  }

  #variable(names: readonly string[]): Part {
    return { kind: 'variable', name: this.#random.pick(names), isMany: this.#random.chance(0.35) };
  }

  // -------------------------------------------------------------- roles, rulesets, superusers

  #writeRole(): void {
    const random = this.#random;
    const variables = random.chance(0.4) ? ['x'] : [];
    const argument = this.#somePath(random.pick([1, 1, 2])).join('/');
    const base = literalShape(readShape(random.pick(this.#resources)));
    const beneath = (part: Part): Shape => ({ ...base, slashes: [...base.slashes, part] });
    const resources = [
      beneath({ kind: 'braces', written: '{p}', options: [argument] }),
      beneath({ kind: 'braces', written: 'web-{p}', options: [`web-${argument}`] }),
      this.#someResource(variables),
    ];
    const subjects = [this.#someSubject(variables)];
    const rules = resources.map((resource): RuleSketch => {
      return { effect: 'allow', subjects, actions: random.sample(this.#actions, 1), resource };
    });
    this.#rules.push(...rules);
    const permissions = rules.map((rule) => `  ${this.#permission(rule)}`);
    this.#statements.push(['role tenant(p) {', ...permissions, '}'].join('\n'));
    const given = subjects.map((subject) => this.#subject(subject)).join(', ');
    this.#statements.push(`grant tenant(${writeText(argument, random)}) to ${given}${this.#conditions()}`);
  }

  #writeRuleset(index: number): void {
    const random = this.#random;
    const kind = random.pick(['first-applicable', 'deny-overrides']);
    const scopes = random.times(random.pick([0, 1, 1, 2]), () => {
      const actions = random.sample(this.#actions, random.between(1, 3)).map((action) => this.#name(action));
      return `  scope ${actions.join(', ')} on ${writeShape(this.#someResource([]), random)}`;
    });
    const fallback = random.chance(0.6) ? [`  default ${random.pick(['allow', 'deny', 'none'])}`] : [];
    const rules = random.times(random.between(1, 4), () => `  ${this.#line(random.pick(['allow', 'deny']))}`);
    this.#statements.push(
      [`ruleset set-${index} ${kind} {`, ...scopes, ...fallback, ...rules, '}'].join('\n'),
    );
  }

  #writeSuperusers(): void {
    const random = this.#random;
    for (const { superuser } of this.#namespaces) {
      if (superuser === undefined || random.chance(0.2)) continue;
      const subject = this.#someSubject([]);
      const resource = literalShape(readShape(superuser));
      const rule: RuleSketch = {
        effect: 'allow',
        subjects: [subject],
        actions: random.sample(this.#actions, 2),
        resource,
      };
      this.#rules.push(rule);
      this.#statements.push(`allow ${this.#subject(subject)} to ${this.#permission(rule)}`);
    }
    const named = this.#statements.filter((text) => text.startsWith('namespace')).join();
    const modes = MODES.filter((mode) => new RegExp(`enforced in [^}]*${mode}`).test(named));
    if (modes.length > 0 && random.chance(0.5)) this.#statements.push(`mode ${random.pick(modes)}`);
  }

  // -------------------------------------------------------------- writing names

  #subject(subject: SubjectSketch): string {
    if (subject.kind === 'shape') return writeShape(subject.shape, this.#random);
    if (subject.kind === 'group') return `group:${this.#name(subject.name)}`;
    return subject.kind === 'id' ? writeText(subject.id, this.#random) : subject.kind;
  }

  #name(name: string): string {
    const isPlain = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(name);
    return isPlain && !this.#random.chance(0.03) ? name : quoteSomehow(name, this.#random);
  }
}

const SPACE_VARIABLE: Part = { kind: 'variable', name: 'space', isMany: true };
/** A service anywhere in a space: LANGUAGE, "Spaces". */
const SPACE: Shape = {
  colons: [{ kind: 'literal', text: 'service' }],
  hasRoot: true,
  slashes: [SPACE_VARIABLE, { kind: 'many' }],
};

const GLOBS = [
  ['dev', '*'],
  ['*', '-1'],
  ['d', '?', 'v'],
  ['?'],
  ['a', '*', 'b'],
  ['x', '?'],
  ['d', '*', 'p', '*', 't'],
  ['*', 'e', '*'],
  ['*', '*x'],
];

const BRACES: readonly Part[] = [
  { kind: 'braces', written: '{dev,prod}', options: ['dev', 'prod'] },
  { kind: 'braces', written: 'dev{,-1,elopment}', options: ['dev', 'dev-1', 'development'] },
  { kind: 'braces', written: 'x{1..3}', options: ['x1', 'x2', 'x3'] },
  { kind: 'braces', written: '{a,{b,c}}', options: ['a', 'b', 'c'] },
  { kind: 'braces', written: '{a..e..2}', options: ['a', 'c', 'e'] },
  { kind: 'braces', written: '{08..10}', options: ['08', '09', '10'] },
];
/** Alternatives that hold a separator: where a colon may follow, they would make the pattern malformed. */
const SLASH_BRACES: readonly Part[] = [
  { kind: 'braces', written: '{a/b,c}', options: ['a/b', 'c'] },
  { kind: 'braces', written: '{dev/{1..2},prod}', options: ['dev/1', 'dev/2', 'prod'] },
];
