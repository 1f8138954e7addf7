import { Effort } from '../../src/analysis/effort.ts';
import { compile } from '../../src/compile/compile.ts';
import type { Request } from '../../src/decision/request.ts';
import { type BuildResult, build } from '../../src/index.ts';
import { defaultConfiguration } from '../../src/lint/configuration.ts';
import { applyFixes } from '../../src/lint/fixes/apply-fixes.ts';
import { lint } from '../../src/lint/lint.ts';
import { strictestLevel } from '../../src/lint/presets.ts';
import { rules as allRules } from '../../src/lint/registry.ts';
import type { Finding, LintRule } from '../../src/lint/rule.ts';
import type { Model } from '../../src/model/model.ts';
import { parse } from '../../src/syntax/parser.ts';
import { loadImage, reference } from './generators-evaluators.ts';
import type { Random } from './generators-random.ts';
import {
  everyRequest,
  generateSmallPolicy,
  type SmallPolicy,
  smallContexts,
  writeSmallCondition,
  writeSmallPolicy,
  writeSmallRule,
} from './small-world.ts';

/**
 * Holds what lint rules claim against the engine and the reference. The linter's own proof of fixes is left out, so that a
 * wrong claim of a rule is not mended by it.
 */

/** Rules whose findings say that a rule of the policy changes no decision, or whose fixes are to change none. */
export const confirmedRules: readonly LintRule[] = allRules.filter(({ id }) =>
  [
    'allow-deny-conflict',
    'allow-under-permissive',
    'constant-condition',
    'dead-deny',
    'deny-may-error',
    'none-principal-denies-all',
    'shadowed-rule',
    'sorted-grants',
    'subsumed-by-ancestor',
    'subsumed-by-full',
    'unreachable-after-any',
    'unused-definition',
  ].includes(id),
);

/** Those that say so of the rule which they point at, without a fix. */
const idleRules: ReadonlySet<string> = new Set(['allow-deny-conflict', 'dead-deny']);

/** So many requests of each comparison are put to the reference too. */
const REFERENCE_SAMPLE = 60;
/** So many of the requests that a finding is about are asked, each under all conditions. */
const NEAR_SAMPLE = 40;

export interface Confirmation {
  /** That are valid. */
  policies: number;
  /** By lint rule. */
  readonly findings: Map<string, number>;
  readonly failures: string[];
}

export function emptyConfirmation(): Confirmation {
  return { policies: 0, findings: new Map(), failures: [] };
}

/** Lints a policy and confirms every finding over the requests. */
export function confirmFindings(
  text: string,
  requests: readonly Request[],
  random: Random,
  confirmation: Confirmation,
): void {
  const built = buildText(text);
  // A mode that the namespace happens not to name, for one.
  if (!built.ok) return;
  confirmation.policies++;
  const findings = findIn(text, built.model);
  if (findings.length === 0) return;
  const modes = [undefined, ...built.model.modes];
  const mode = random.pick(modes);
  const before = answersOf(built.model, requests, mode);
  for (const finding of findings) {
    confirmation.findings.set(finding.rule, (confirmation.findings.get(finding.rule) ?? 0) + 1);
    const complain = (problem: string): void => {
      confirmation.failures.push(`${finding.rule}: ${problem}\n  ${finding.message}\n${text}`);
    };
    confirmWitness(finding, built.model, complain);
    const after = modelAfter(finding, text, built.model);
    if (after === 'broken') complain('the fix makes the policy invalid');
    else if (after !== undefined) {
      const both = { model: built.model, after, mode, random, complain };
      confirmSame({ ...both, before, requests });
      const near = requestsNear(finding, built.model, random);
      confirmSame({ ...both, before: answersOf(built.model, near, mode), requests: near });
    }
  }
}

function buildText(text: string): BuildResult {
  return build([{ file: 'policy.acl', text }]);
}

function findIn(text: string, model: Model): readonly Finding[] {
  const { tree } = parse({ file: 'policy.acl', text });
  return lint({
    trees: [tree],
    model,
    diagnostics: [],
    textOf: () => text,
    rules: confirmedRules,
    configuration: {
      ...defaultConfiguration,
      presets: [],
      levels: new Map(confirmedRules.map((rule) => [rule.id, strictestLevel(rule)])),
    },
    today: '2026-01-01',
    rebuild: () => model,
    compare: () => ({ kind: 'equal' }),
    effort: new Effort(),
  }).findings;
}

function answersOf(model: Model, requests: readonly Request[], mode: string | undefined): readonly boolean[] {
  return loadImage(compile(model), mode).areAllowed!(requests);
}

/** Requests that a rule at the finding speaks of, under all conditions: among all there are these would be few. */
function requestsNear({ span }: Finding, model: Model, random: Random): readonly Request[] {
  const rules = model.rules
    .filter(({ location, role }) => holds(location.span, span) || (role && holds(role.location.span, span)))
    .map(({ condition: _, ruleset: __, ...rule }) => ({ ...rule, effect: 'allow' as const }));
  if (rules.length === 0) return [];
  const answers = answersOf({ ...model, rules, rulesets: [] }, shallowRequests, undefined);
  const near = random.sample(
    shallowRequests.filter((_, i) => answers[i]),
    NEAR_SAMPLE,
  );
  return near.flatMap((request) => smallContexts.map((context) => ({ ...request, context })));
}

/** The policy that is to decide alike, if the finding claims one. */
function modelAfter(finding: Finding, text: string, model: Model): Model | 'broken' | undefined {
  const { fix, file } = finding;
  if (fix?.safety === 'safe') {
    const built = buildText(applyFixes([{ file, fix }], () => text).get(file)!);
    return built.ok ? built.model : 'broken';
  }
  if (!idleRules.has(finding.rule)) return undefined;
  return {
    ...model,
    rules: model.rules.filter(({ location }) => location.span.start !== finding.span.start),
  };
}

interface Comparison {
  readonly before: readonly boolean[];
  readonly after: Model;
  readonly model: Model;
  readonly requests: readonly Request[];
  readonly mode: string | undefined;
  readonly random: Random;
  readonly complain: (problem: string) => void;
}

function confirmSame({ before, after, model, requests, mode, random, complain }: Comparison): void {
  // A fix may take away the last place that names a mode.
  if (mode !== undefined && !after.modes.includes(mode)) return;
  const answers = answersOf(after, requests, mode);
  const changed = answers.findIndex((answer, i) => answer !== before[i]);
  if (changed >= 0) complain(`changes ${JSON.stringify(requests[changed])} in mode ${mode}`);
  const [one, other] = [reference.load(model, mode), reference.load(after, mode)];
  for (let i = 0; i < REFERENCE_SAMPLE && requests.length > 0; i++) {
    const request = random.pick(requests);
    if (one.decide(request).decision === other.decide(request).decision) continue;
    complain(`changes ${JSON.stringify(request)} in mode ${mode}, says the reference`);
    break;
  }
}

/** Every witness of these rules is a request that is denied; that of `deny-may-error` by the rule that it speaks of. */
function confirmWitness(
  { rule, proof, file, span }: Finding,
  model: Model,
  complain: (problem: string) => void,
): void {
  if (proof?.kind !== 'witness') return;
  const request = JSON.stringify(proof.request);
  if (loadImage(compile(model), undefined).decide(proof.request).decision !== 'deny')
    complain(`the engine allows ${request}`);
  if (reference.load(model).decide(proof.request).decision !== 'deny')
    complain(`the reference allows ${request}`);
  if (rule !== 'deny-may-error') return;
  const alone = model.rules.filter(({ location }) => location.file === file && holds(location.span, span));
  if (reference.load({ ...model, rules: alone }).decide(proof.request).reason !== 'rule')
    complain(`the rule does not deny ${request}`);
}

function holds(outer: Finding['span'], inner: Finding['span']): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

// ---------------------------------------------------------------- policies in which there is something to find

export interface LintedPolicy {
  readonly text: string;
  readonly isMesos: boolean;
}

/** A policy over few names, or lists of Mesos, with rules that repeat, widen and reorder what others say. */
export function generateLintedPolicy(random: Random): LintedPolicy {
  if (random.chance(0.15)) return { text: writeMesosLists(random), isMesos: true };
  const options = {
    conditions: 0.25,
    variables: 0.1,
    namespaces: random.chance(0.5),
    rulesets: random.chance(0.5),
  };
  const policy = generateSmallPolicy(random, { ...options, rules: 7 });
  const text = writeSmallPolicy(addLikely(policy, random));
  return { text: `${text}${random.chance(0.3) ? writeUnused(random) : ''}`, isMesos: false };
}

/** Rules that one in a thousand random ones would be: for everybody, with constant conditions, in blocks, granted. */
function addLikely(policy: SmallPolicy, random: Random): SmallPolicy {
  const likely = [
    'allow anyone to read on a:**',
    'deny anyone to read, write on a/**',
    'allow user:a, group:h to full, read on a/b',
    `allow user:b to read on a/b ${random.pick(['when', 'unless'])} ${writeNearlyConstant(random)}`,
    `${random.pick(['allow', 'deny'])} group:g to read on a ${random.pick(['when', 'unless'])} ${writeNearlyConstant(random)}`,
    `deny user:b to read on a when ${random.pick(['context.n in [1, 2]', 'context has f && context.n == 1 && context.f'])}`,
    `allow user:a { ${writeSmallRule(random).replace(/^.* to /, '')}\n write on b\n read on a/b/a\n read on a }`,
    `role reader(p) { read on a:{p}\n read on a/{p} }\ngrant reader(${random.pick(['a', 'b'])}) to ${random.pick(['user:a', 'group:g'])}`,
  ];
  const { ruleset } = policy;
  const plain = likely.filter((statement) => !statement.startsWith('role'));
  return {
    ...policy,
    rules: random.shuffle([...policy.rules, ...random.sample(likely, random.between(1, 3))]),
    ...(ruleset === undefined
      ? {}
      : {
          ruleset: {
            ...ruleset,
            rules: random.shuffle([...ruleset.rules, ...random.sample(plain, random.between(1, 3))]),
          },
        }),
  };
}

/** Something that is always or never true, mostly beside something that may be either. */
function writeNearlyConstant(random: Random): string {
  const constant = random.pick([
    'true',
    'false',
    '!false',
    'context.n > 1 && context.n <= 1',
    'context.s == "a" && context.s == "ab"',
    '(context has f || !(context has f))',
  ]);
  if (random.chance(0.25)) return constant;
  const operands = random.shuffle([`(${constant})`, `(${writeSmallCondition(random)})`]);
  return operands.join(random.pick([' && ', ' || ']));
}

function writeUnused(random: Random): string {
  return random.pick([
    'group idle { user:a }\n',
    'role idle(x) { read on a:{x} }\n',
    'role half(x, y) { read on a:{x} }\ngrant half(a, b) to user:b\ngrant half(b, b) to user:a\n',
  ]);
}

const mesosSubjects = ['anyone', 'anyone', 'principal:a', 'principal:b', 'principal:a, principal:b'];
const mesosUsers = ['mesos:user:**', 'mesos:user:root', 'mesos:user:www', 'mesos:user'];

function writeMesosLists(random: Random): string {
  const rules = random.times(
    random.between(1, 6),
    () =>
      `  ${random.pick(['allow', 'deny'])} ${random.pick(mesosSubjects)} to run_tasks on ${random.pick(mesosUsers)}`,
  );
  return [
    'import "postern:mesos"',
    'ruleset run_tasks first-applicable {',
    '  scope run_tasks on mesos:user:**',
    `  default ${random.pick(['allow', 'deny'])}`,
    ...rules,
    '}\n',
  ].join('\n');
}

/** All that tells apart policies of `writeMesosLists`. */
export const mesosRequests: readonly Request[] = [
  undefined,
  'principal:a',
  'principal:b',
  'principal:c',
].flatMap((subject) =>
  ['mesos:user', 'mesos:user:root', 'mesos:user:www', 'mesos:user:x', 'mesos:user:x/y', undefined].flatMap(
    (resource) => ['run_tasks', 'view_tasks'].map((action) => ({ subject, action, resource })),
  ),
);

/** Those about ids of up to two segments. */
const shallowRequests: readonly Request[] = [
  ...mesosRequests,
  ...[...everyRequest()].filter(({ resource = '' }) => resource.split(/[:/]+/).length <= 2),
];
