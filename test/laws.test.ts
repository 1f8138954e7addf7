import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Decision } from '../src/decision/decision.ts';
import type { HttpRequest } from '../src/decision/http.ts';
import { build } from '../src/index.ts';
import type { Model, Rule, Ruleset } from '../src/model/model.ts';
import type { Source } from '../src/source/source.ts';
import {
  countAnswer,
  countPolicy,
  emptyShares,
  generateHttpRequest,
  generatePolicy,
  generateRequest,
  Random,
  renderShares,
  seedOfRun,
  shareOf,
  TRAITS,
} from './support/generators.ts';
import {
  type Evaluator,
  evaluators,
  isSameDecision,
  isSameHttpDecision,
  type Loaded,
  reference,
} from './support/generators-evaluators.ts';
import { findDisagreement, renderDisagreement, renderValue, shrink } from './support/generators-shrink.ts';

// The laws of an authorizer, over random policies and requests. A failure prints the seed, the policy and the request;
// `POSTERN_SEED=… npx vitest run test/laws.test.ts` repeats the run.

const POLICIES = 2020;
const REQUESTS_PER_POLICY = 100;
/** Laws that compare a policy with changed ones look at so many policies, and at so many requests of each. */
const CHANGED_POLICIES = 250;
const REQUESTS_PER_CHANGE = 20;

interface Case {
  readonly seed: number;
  readonly sources: readonly Source[];
  readonly model: Model;
  readonly mode: string | undefined;
  readonly requests: readonly unknown[];
  readonly httpRequests: readonly HttpRequest[];
}

const seed = seedOfRun(process.env.POSTERN_SEED);
const shares = emptyShares();
const cases: Case[] = [];

beforeAll(() => {
  console.log(`POSTERN_SEED=${seed}`);
  const random = new Random(seed);
  while (cases.length < POLICIES) addCase(random.seed());
});

afterAll(() => console.log(renderShares(shares)));

function addCase(policySeed: number): void {
  const policy = generatePolicy(policySeed);
  const built = build(policy.sources);
  if (!built.ok) {
    shares.invalidPolicies++;
    return;
  }
  countPolicy(shares, built.model);
  const random = new Random(policySeed);
  const mode = random.chance(0.5) ? random.pick([undefined, ...built.model.modes]) : undefined;
  const requests = random.times(REQUESTS_PER_POLICY, () => generateRequest(policy, random));
  const httpRequests =
    policy.routes.length > 0 ? random.times(20, () => generateHttpRequest(policy, random)) : [];
  cases.push({ seed: policySeed, sources: policy.sources, model: built.model, mode, requests, httpRequests });
}

/** What a law says went wrong, with all that is needed to see it again. */
function fail(
  { seed: policySeed, sources, mode }: Case,
  request: unknown,
  answers: Readonly<Record<string, unknown>>,
): never {
  const texts = sources.map(({ file, text }) => `# ${file}\n${text}`);
  const lines = Object.entries(answers).map(([name, answer]) => `${name}: ${renderValue(answer)}`);
  const head = [
    `policy seed ${policySeed}, mode ${mode ?? 'of the policy'}`,
    ...texts,
    `request: ${renderValue(request)}`,
  ];
  throw new Error([...head, ...lines].join('\n'));
}

/** A law about one request, put to a policy and to changed ones. */
type Law = (evaluator: Evaluator, subject: Case) => (request: unknown, decision: Decision) => void;

function holds(
  evaluator: Evaluator,
  law: Law,
  { policies = CHANGED_POLICIES, requests = REQUESTS_PER_CHANGE } = {},
): void {
  for (const subject of cases.slice(0, policies)) {
    const loaded = evaluator.load(subject.model, subject.mode);
    const check = law(evaluator, subject);
    for (const request of subject.requests.slice(0, requests)) check(request, loaded.decide(request));
  }
}

function isAllow({ decision }: Decision): boolean {
  return decision === 'allow';
}

// ---------------------------------------------------------------- changed policies

function isOutside(rule: Rule): boolean {
  return rule.ruleset === undefined;
}

/** The rules outside any ruleset alone, of the effects given, with nothing that allows beside them. */
function onlyOutside({ mode: _, ...model }: Model, ...effects: Rule['effect'][]): Model {
  const rules = model.rules.filter((rule) => isOutside(rule) && effects.includes(rule.effect));
  const namespaces = model.namespaces.map(({ superuser: _superuser, ...namespace }) => namespace);
  return { ...model, rules, rulesets: [], namespaces };
}

function withoutAllows({ mode: _, ...model }: Model): Model {
  const rulesets = model.rulesets.map((ruleset): Ruleset => {
    return ruleset.default === 'allow' ? { ...ruleset, default: 'none' } : ruleset;
  });
  return { ...model, rules: model.rules.filter((rule) => rule.effect === 'deny'), rulesets };
}

/** A rule that stands before all others and is like one of them, of the effect given and wider. */
function withRule(model: Model, effect: Rule['effect'], random: Random): Model {
  const like = random.pick(model.rules);
  const { ruleset: _, condition, ...rest } = random.pick(model.rules);
  const isConditional = condition !== undefined && random.chance(0.5);
  const added = { ...rest, effect, resources: like.resources, ...(isConditional ? { condition } : {}) };
  return { ...model, rules: [added, ...model.rules] };
}

/** The rules in another order, some twice; those of first-applicable rulesets keep theirs. */
function reordered(model: Model, random: Random): Model {
  const isFixed = ({ ruleset }: Rule) =>
    ruleset !== undefined && model.rulesets[ruleset]?.combining === 'first-applicable';
  const free = model.rules.filter((rule) => !isFixed(rule));
  const repeated = random.shuffle([...free, ...random.sample(free, random.below(4))]);
  return { ...model, rules: [...repeated, ...model.rules.filter(isFixed)] };
}

/** The rule that a decision names. */
function decidingRule({ rules }: Model, { rule }: Decision): Rule {
  const found = rules.find(({ id, line, location, role }) => {
    const isNamed =
      rule?.id === (id ?? `${location.file}:${line}`) && rule.file === location.file && rule.line === line;
    return isNamed && rule.role?.line === role?.line && rule.role?.file === role?.location.file;
  });
  if (found === undefined) throw new Error(`no rule ${renderValue(rule)}`);
  return found;
}

/** The rule alone, in its ruleset if it has one. */
function alone(model: Model, rule: Rule): Model {
  const { ruleset, ...outside } = rule;
  if (ruleset === undefined) return { ...model, rules: [outside], rulesets: [] };
  return { ...model, rules: [{ ...rule, ruleset: 0 }], rulesets: [model.rulesets[ruleset]!] };
}

function withUnrelated(model: Model): Model {
  const [action] = model.rules[0]!.actions;
  const { location } = model.rules[0]!;
  const unrelated = Array.from(
    { length: 1000 },
    (_, index): Rule => ({
      effect: index % 2 === 0 ? 'allow' : 'deny',
      subjects: [index % 3 === 0 ? { kind: 'anyone' } : { kind: 'subject', id: `unrelated:${index}` }],
      actions: [action!],
      resources: [{ kind: 'literal', id: `unrelated:${index % 7}:/${index}` }],
      location,
      line: 1000 + index,
    }),
  );
  return { ...model, rules: [...unrelated.slice(0, 500), ...model.rules, ...unrelated.slice(500)] };
}

// ---------------------------------------------------------------- the laws

describe.each(evaluators)('in the $name', (evaluator) => {
  test('1: a deny beats any allow', () => {
    holds(evaluator, (_, subject) => {
      const { model } = subject;
      const denies = evaluator.load(onlyOutside(model, 'deny'));
      const anything: Rule = {
        ...model.rules[0]!,
        effect: 'allow',
        subjects: [{ kind: 'anyone' }],
        resources: EVERYTHING,
      };
      const allows = [...new Set(model.rules.flatMap((rule) => rule.actions))].map((action) => {
        const { ruleset: _ruleset, condition: _condition, ...rule } = { ...anything, actions: [action] };
        return rule;
      });
      const both = evaluator.load({ ...model, rules: [...allows, ...model.rules] }, subject.mode);
      return (request) => {
        if (denies.decide(request).reason !== 'rule') return;
        const decision = both.decide(request);
        if (isAllow(decision)) fail(subject, request, { 'with an allow for anyone': decision });
      };
    });
  });

  test('2: nothing is allowed unless a rule, a default or a mode allows it', () => {
    holds(evaluator, (_, subject) => {
      const { model } = subject;
      const denying = evaluator.load(withoutAllows(model));
      return (request, decision) => {
        const without = denying.decide(request);
        if (isAllow(without)) fail(subject, request, { 'without allows': without });
        if (decision.reason === 'rule' && decidingRule(model, decision).effect !== decision.decision) {
          fail(subject, request, { decision });
        }
      };
    });
  });

  test('3: without rules everything is denied', () => {
    holds(evaluator, (_, subject) => {
      const { mode: _mode, ...model } = subject.model;
      const empty = evaluator.load({ ...model, rules: [], rulesets: [] });
      return (request, { reason }) => {
        const decision = empty.decide(request);
        const expected = { decision: 'deny', reason: reason === 'malformed' ? 'malformed' : 'default' };
        if (decision.decision !== 'deny' || decision.reason !== expected.reason)
          fail(subject, request, { decision, expected });
      };
    });
  });

  test('4: a request is allowed if and only if it is explicitly allowed and not denied', () => {
    holds(evaluator, (_, subject) => {
      const { model } = subject;
      const [all, allows, denies] = ([['allow', 'deny'], ['allow'], ['deny']] as const).map((effects) =>
        evaluator.load(onlyOutside(model, ...effects)),
      ) as [Loaded, Loaded, Loaded];
      return (request) => {
        const decision = all.decide(request);
        const allowed = allows.decide(request);
        const denied = denies.decide(request);
        const expected = isAllow(allowed) && denied.reason !== 'rule';
        if (isAllow(decision) !== expected) fail(subject, request, { decision, allowed, denied });
      };
    });
  });

  test('5: order and repetition of rules change nothing outside first-applicable rulesets', () => {
    holds(evaluator, (_, subject) => {
      const other = evaluator.load(reordered(subject.model, new Random(subject.seed)), subject.mode);
      return (request, decision) => {
        const again = other.decide(request);
        const isSame = again.decision === decision.decision && again.reason === decision.reason;
        if (!isSame) fail(subject, request, { decision, 'in another order': again });
      };
    });
  });

  test('6: adding an allow never turns an allow into a deny', () => {
    holds(evaluator, (_, subject) => {
      const more = evaluator.load(withRule(subject.model, 'allow', new Random(subject.seed)), subject.mode);
      return (request, decision) => {
        const after = more.decide(request);
        if (isAllow(decision) && !isAllow(after))
          fail(subject, request, { decision, 'with another allow': after });
      };
    });
  });

  test('7: adding a deny never turns a deny into an allow', () => {
    holds(evaluator, (_, subject) => {
      const more = evaluator.load(withRule(subject.model, 'deny', new Random(subject.seed)), subject.mode);
      return (request, decision) => {
        const after = more.decide(request);
        if (!isAllow(decision) && isAllow(after))
          fail(subject, request, { decision, 'with another deny': after });
      };
    });
  });

  test('8: the deciding rule alone gives the same decision', () => {
    holds(
      evaluator,
      (_, subject) => (request, decision) => {
        if (decision.rule === undefined) return;
        const rule = decidingRule(subject.model, decision);
        const after = evaluator.load(alone(subject.model, rule), subject.mode).decide(request);
        if (!isSameDecision(decision, after))
          fail(subject, request, { decision, 'by the rule alone': after });
      },
      FEW,
    );
  });

  test('9: dropping every rule of the ruleset but the deciding one changes nothing', () => {
    holds(
      evaluator,
      (_, subject) => (request, decision) => {
        if (decision.rule === undefined) return;
        const deciding = decidingRule(subject.model, decision);
        const rules = subject.model.rules.filter(
          (rule) => rule === deciding || rule.ruleset !== deciding.ruleset,
        );
        const after = evaluator.load({ ...subject.model, rules }, subject.mode).decide(request);
        if (!isSameDecision(decision, after))
          fail(subject, request, { decision, 'without the others': after });
      },
      FEW,
    );
  });

  test('13: adding a thousand unrelated rules changes no answer', () => {
    const law: Law = (_, subject) => {
      const larger = evaluator.load(withUnrelated(subject.model), subject.mode);
      return (request, decision) => {
        const after = larger.decide(request);
        if (!isSameDecision(decision, after))
          fail(subject, request, { decision, 'with unrelated rules': after });
      };
    };
    holds(evaluator, law, { policies: 25 });
  });

  test('14: an earlier request never changes a later answer', () => {
    for (const subject of cases.slice(0, CHANGED_POLICIES)) {
      const { model, mode, requests } = subject;
      const loaded = evaluator.load(model, mode);
      const first = requests.map((request) => loaded.decide(request));
      for (const index of new Random(subject.seed).shuffle([...requests.keys()])) {
        const again = loaded.decide(requests[index]);
        const fresh = index === 0 ? evaluator.load(model, mode).decide(requests[index]) : again;
        if (isSameDecision(again, first[index]!) && isSameDecision(fresh, again)) continue;
        fail(subject, requests[index], { first: first[index], again, fresh });
      }
    }
  });
});

/** Where every request needs a policy of its own. */
const FEW = { requests: 6 };
const EVERYTHING: Rule['resources'] = [
  { kind: 'pattern', text: '**', elements: [{ kind: 'many', separator: 'start' }] },
];

test('10: every evaluator answers as the reference does', () => {
  const disagreements: { subject: Case; request: unknown; expected: Decision; actual: Decision }[] = [];
  for (const subject of cases) {
    const { model, mode, requests } = subject;
    const expecting = reference.load(model, mode);
    const others = evaluators
      .filter((evaluator) => evaluator !== reference)
      .map((evaluator) => evaluator.load(model, mode));
    for (const request of requests) {
      const expected = expecting.decide(request);
      countAnswer(shares, expected);
      for (const other of others) {
        const actual = other.decide(request);
        if (!isSameDecision(expected, actual)) disagreements.push({ subject, request, expected, actual });
        compareShortcuts(subject, request, other);
      }
    }
  }
  const [first] = disagreements;
  if (first === undefined) return;
  const { subject, request, ...answers } = first;
  console.log(`${disagreements.length} disagreements; the first:`);
  const found = findDisagreement(subject.sources, subject.mode, request);
  if (found === undefined)
    fail(subject, request, { ...answers, note: 'not by itself: some request before it matters' });
  throw new Error(`policy seed ${subject.seed}\n${renderDisagreement(shrink(found))}`);
});

test('10, for routes: every evaluator authorizes HTTP requests as the reference does', () => {
  for (const subject of cases.filter(({ model }) => model.routes.length > 0)) {
    const { model, mode, httpRequests } = subject;
    const expecting = reference.load(model, mode);
    const others = evaluators
      .filter((evaluator) => evaluator !== reference)
      .map((evaluator) => evaluator.load(model, mode));
    for (const request of httpRequests) {
      const expected = expecting.authorizeHttp(request);
      for (const other of others) {
        const actual = other.authorizeHttp(request);
        if (!isSameHttpDecision(expected, actual)) fail(subject, request, { expected, actual });
      }
    }
  }
});

/** A bare request has the same answer by the shortest way. */
function compareShortcuts(evaluated: Case, request: unknown, loaded: Loaded): void {
  if (typeof request !== 'object' || request === null) return;
  const { subject, action, resource } = request as Record<string, unknown>;
  const expected = loaded.decide({ subject, action, resource });
  for (const isAllowed of loaded.shortcuts) {
    const actual = isAllowed(subject, action, resource);
    if (actual !== isAllow(expected)) fail(evaluated, { subject, action, resource }, { expected, actual });
  }
}

describe('the generators are worth the run', () => {
  test('enough requests are allowed, denied by a rule and malformed', () => {
    expect(shares.pairs).toBeGreaterThanOrEqual(200_000);
    expect(shareOf(shares, 'allow')).toBeGreaterThanOrEqual(0.25);
    expect(shareOf(shares, 'deny rule')).toBeGreaterThanOrEqual(0.15);
    expect(shareOf(shares, 'deny malformed')).toBeGreaterThanOrEqual(0.1);
  });

  test.each(TRAITS)('enough policies have %s', (trait) => {
    expect((shares.traits.get(trait) ?? 0) / shares.policies).toBeGreaterThanOrEqual(0.05);
  });

  test('hardly any policy is invalid', () => {
    expect(shares.invalidPolicies / (shares.policies + shares.invalidPolicies)).toBeLessThan(0.02);
  });
});
