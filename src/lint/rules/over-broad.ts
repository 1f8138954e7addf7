import type { PatternElement, ResourcePattern, Rule, SubjectPattern, Template } from '../../model/model.ts';
import { elementsOf, type TemplateVariant, variantsOf } from '../../model/template-variants.ts';
import { describeSubject, keyOfSubject } from '../facts/describe-subjects.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { textOfResource } from '../facts/resource-text.ts';
import { type RulePlace, RulePlaces } from '../facts/rule-places.ts';
import { respelling } from '../fixes/respell-id.ts';
import { servicePaths } from '../knowledge/dcos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type Reported } from '../rule.ts';

export const overBroad = defineRule({
  id: 'over-broad',
  summary: 'a grant on the root of a tree for somebody whose other grants are all below one branch',
  category: 'security',
  presets: { recommended: 'warning', dcos: 'warning' },
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      for (const holding of holdingsOf(context.model.rules, facts)) {
        const found = rootBesideBranch(holding);
        const place = found && places.ofGrant(found.root.rule);
        if (place !== undefined) report(describe(place, holding, found!));
      }
    },
  },
});

/** A grant of everything in a tree. */
interface RootGrant {
  readonly rule: Rule;
  readonly resource: ResourcePattern;
  /** Whether it is for more than looking: many look everywhere and work in one place. */
  readonly changes: boolean;
  /** The same for one branch. */
  readonly narrowed: (branch: string) => string;
}

/** The grants of one subject on resources whose paths are of one kind. */
interface Holding {
  readonly subject: SubjectPattern;
  /** By resource. */
  readonly roots: Map<string, RootGrant>;
  /** A grant on a pattern is of no branch, and has an empty name. */
  readonly branches: Set<string>;
  /** The texts before the paths, by template: of a template with values there are many trees. */
  readonly trees: Map<Template, Set<string>>;
  /** Some grant below a branch. */
  narrow?: Rule;
}

interface Found {
  readonly root: RootGrant;
  readonly branch: string;
}

/** One grant of everything, where every other grant is below one branch and each template is used for one tree. */
function rootBesideBranch({ roots, branches, trees }: Holding): Found | undefined {
  const [root] = roots.values();
  const [branch] = branches;
  if (root === undefined || roots.size > 1 || !root.changes) return undefined;
  if (branch === undefined || branch === '' || branches.size > 1) return undefined;
  return [...trees.values()].some(({ size }) => size > 1) ? undefined : { root, branch };
}

/** By subject and kind of path: a folder of secrets says nothing about services. */
function holdingsOf(rules: readonly Rule[], facts: PolicyFacts): Iterable<Holding> {
  const holdings = new Map<string, Holding>();
  for (const rule of rules) {
    if (rule.effect === 'deny') continue;
    for (const resource of rule.resources) {
      const part = partOf(rule, resource, facts);
      if (part === undefined) continue;
      for (const subject of rule.subjects) addPart(holdings, subject, rule, resource, part);
    }
  }
  return holdings.values();
}

/** The branch of a tree that a resource lies in, or all of it. */
type Part = {
  readonly template: Template;
  readonly tree: string;
} & ({ readonly branch: string } | { readonly root: RootGrant });

function addPart(
  holdings: Map<string, Holding>,
  subject: SubjectPattern,
  rule: Rule,
  resource: ResourcePattern,
  part: Part,
): void {
  const key = `${kindOfPath(part.template)} ${keyOfSubject(subject)}`;
  let holding = holdings.get(key);
  if (holding === undefined) {
    holding = { subject, roots: new Map(), branches: new Set(), trees: new Map() };
    holdings.set(key, holding);
  }
  const trees = holding.trees.get(part.template);
  if (trees === undefined) holding.trees.set(part.template, new Set([part.tree]));
  else trees.add(part.tree);
  if ('branch' in part) {
    // Two branches are as good as many: the subject works in more than one.
    if (holding.branches.size < 2) holding.branches.add(part.branch);
    holding.narrow ??= rule;
    return;
  }
  const id = textOfResource(resource);
  const known = holding.roots.get(id);
  if (known === undefined || (part.root.changes && !known.changes)) holding.roots.set(id, part.root);
}

const longestVariants = new WeakMap<Template, TemplateVariant>();

function longestOf(template: Template): TemplateVariant {
  let variant = longestVariants.get(template);
  if (variant === undefined) {
    variant = variantsOf(template.parts).at(-1)!;
    longestVariants.set(template, variant);
  }
  return variant;
}

/** One string is the path of a service, its tasks and its jobs; other templates have paths of their own. */
function kindOfPath({ text }: Template): string {
  return servicePaths.test(text) ? 'service' : text;
}

function partOf(rule: Rule, resource: ResourcePattern, facts: PolicyFacts): Part | undefined {
  const templates = facts.templatesOf(resource);
  const longest = templates.length === 1 ? longestOf(templates[0]!) : undefined;
  const path = longest?.at(-1);
  if (longest === undefined || path?.kind !== 'path') return undefined;
  const elements = elementsOf(resource);
  const beneath = elements.slice(longest.length - 1);
  const first = beneath[0];
  const tree = JSON.stringify(elements.slice(0, longest.length - 1).filter(({ kind }) => kind !== 'root'));
  const common = { template: templates[0]!, tree };
  if (first === undefined || (first.kind === 'many' && beneath.length === 1))
    return {
      ...common,
      root: {
        rule,
        resource,
        changes: isChange(rule, resource, facts),
        narrowed: narrowedBy(elements, longest),
      },
    };
  if (first.kind !== 'literal') return { ...common, branch: '' };
  const end = path.joinedBy === '/' ? -1 : first.text.indexOf(path.joinedBy);
  return { ...common, branch: end < 0 ? first.text : first.text.slice(0, end) };
}

const looking = /^(?:read|view|list|get)(?:[_-]|$)/;

function isChange(rule: Rule, resource: ResourcePattern, facts: PolicyFacts): boolean {
  const templates = facts.templatesOf(resource);
  const listed = templates[0]?.actions;
  return [...facts.actionsOn(rule, resource)].some(
    (action) => !looking.test(action) && (listed === undefined || listed.includes(action)),
  );
}

function narrowedBy(
  elements: readonly PatternElement[],
  longest: TemplateVariant,
): (branch: string) => string {
  const written = elements.filter(({ kind }) => kind !== 'many');
  return (branch) => {
    let id = '';
    for (const [i, token] of longest.entries()) {
      const element = written[i];
      const separator =
        token.separator === 'colon' ? ':' : token.separator === 'slash' && !id.endsWith('/') ? '/' : '';
      const text =
        token.kind === 'root'
          ? '/'
          : element?.kind === 'literal'
            ? element.text
            : token.kind === 'literal'
              ? token.text
              : branch;
      id += separator + text;
    }
    return id;
  };
}

function describe(
  place: RulePlace,
  { subject, narrow }: Holding,
  { root: { resource, narrowed }, branch }: Found,
): Reported {
  const id = textOfResource(resource);
  const narrower = narrowed(branch);
  return {
    file: place.file,
    span: place.resource,
    message: `\`${id}\` is a whole tree, and every other path of ${describeSubject(subject)} is below \`${branch}\``,
    related: [...place.related, { ...narrow!.location, text: 'such as this' }],
    help: `write \`${narrower}\`, unless all of it is meant`,
    ...respelling(place, id, narrower),
  };
}
